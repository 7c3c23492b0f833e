package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.conformance.Draws;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.recipe.checkpoint.FolderCheckpoints;
import dev.ternion.recipe.checkpoint.Sources;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job whose process is killed (-9) several times, on a real disk, ends in the bytes of one that was not. */
class KilledJobIT {
    private static final int KILLS = 4;

    @TempDir
    Path folder;

    @Test
    void killedAgainAndAgain_endsInTheSameBytesAndReport() throws Exception {
        TinyWorkspace tiny = new TinyWorkspace(folder.resolve("data")).filled().taught("teacher");
        JobSpec spec = ResumedJobIT.qat(WeightRule.TERNARY);
        Path checkpoints = folder.resolve("checkpoints");
        ResumedJob job = new ResumedJob(tiny, spec, checkpoints);
        ResumedJob.Outcome wanted = job.whole();
        int all = job.said.size();
        for (int i = 0; i < KILLS; i++) {
            // the time a process takes to say so much, to die while it saves as well as while it computes
            int lines = 4 + new Draws(33, i).below(all / KILLS - 4);
            Process process = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Victim.class.getName(),
                            tiny.workspace.root().toString(),
                            checkpoints.toString(),
                            String.valueOf(all / KILLS))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader out = process.inputReader()) {
                for (int n = 0; n < lines; n++) {
                    assertThat(out.readLine()).as("line %d of process %d", n, i).isNotNull();
                }
                Thread.sleep(new Draws(34, i).below(20));
            } finally {
                process.destroyForcibly().waitFor();
            }
            assertThat(process.exitValue()).as("killed, not ended").isEqualTo(128 + 9);
        }
        assertThat(Files.isDirectory(checkpoints)).isTrue();
        ResumedJob.Outcome seen = job.finish(ResumedJob.SOMETIMES);
        assertThat(job.said.size()).as("the last process goes on").isLessThan(all);
        assertThat(seen.files()).isEqualTo(wanted.files());
        assertThat(seen.report()).isEqualTo(wanted.report());
    }

    /** Runs the job and tells a line for each step and evaluation, so many at most: it is still there when it is killed late. */
    static final class Victim {
        private static int left;

        private Victim() {}

        private static void say(String line) {
            System.out.println(line);
            while (--left <= 0) {
                LockSupport.park();
            }
        }

        /** @param args data folder, folder of checkpoints, most lines */
        public static void main(String[] args) throws Exception {
            left = Integer.parseInt(args[2]);
            long[] nanos = new long[1];
            FolderCheckpoints checkpoints = new FolderCheckpoints(
                    Path.of(args[1]),
                    CheckpointSpec.USUAL,
                    new Sources(Map.of()),
                    () -> nanos[0] += ResumedJob.SOMETIMES * 1_000_000_000L);
            JobListener lines = new JobListener() {
                @Override
                public void phase(Phase phase, String arm, long seed, String message) {}

                @Override
                public void step(StepProgress progress) {
                    say("step");
                }

                @Override
                public void evaluation(Evaluation evaluation) {
                    say("evaluation");
                }
            };
            TinyWorkspace tiny = new TinyWorkspace(Path.of(args[0]));
            Recipes.run(tiny.context(), ResumedJobIT.qat(WeightRule.TERNARY), checkpoints, lines, () -> false);
            System.out.println("done");
        }
    }
}
