package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.artifact.InMemory;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.qat.QatSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ResumedJobIT} on the emulated CUDA device, where steps are recorded and reported one step late. */
class EmulatedResumedJobIT {
    @TempDir(factory = InMemory.class)
    Path folder;

    /** Batches of one size: the third step of each phase and those after it are replayed. */
    private static QatSpec job() {
        QatSpec spec = TinyWorkspace.qat(
                "student",
                8,
                List.of(1L),
                QuantSpec.ternary(),
                Padding.REFERENCE,
                TinyWorkspace.intervention(Schedule.fixed(Site.MAP, 4)));
        return new QatSpec(
                spec.teacher(),
                spec.data(),
                spec.quant(),
                new Budget(4, 0, 8, 0),
                spec.arms(),
                spec.seeds(),
                spec.dropout(),
                spec.outputModel(),
                "emulated",
                spec.precision(),
                0);
    }

    @Test
    void stopped_endsInTheSameBytesAndReport() throws Exception {
        TinyWorkspace tiny = new TinyWorkspace(folder).filled().taught("teacher");
        ResumedJob job =
                new ResumedJob(tiny, job(), tiny.workspace.checkpoints().resolve("job"));
        ResumedJob.Outcome wanted = job.whole();
        List<Object> said = List.copyOf(job.said);
        assertThat(said).as("eight steps, two evaluations").hasSize(10);
        assertThat(job.stop(ResumedJob.Stop.DRAINED, 2, ResumedJob.NEVER)).isTrue();
        assertThat(job.said)
                .as("the third step had been started, and is told before the job stops")
                .isEqualTo(said.subList(0, 3));
        assertThat(job.stop(ResumedJob.Stop.KILLED, 3, ResumedJob.ALWAYS)).isTrue();
        assertThat(job.said).as("nothing is done twice").isEqualTo(said.subList(3, 6));
        ResumedJob.Outcome seen = job.finish(ResumedJob.ALWAYS);
        assertThat(job.said).as("no step is saved before it is told").isEqualTo(said.subList(6, 10));
        assertThat(seen).isEqualTo(wanted);
    }
}
