package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.training.Precision;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The least memory of a job against what the device has measured while it ran. */
class LeastMemoryIT {
    private static final int ROWS = 20;

    @TempDir
    Path folder;

    private TinyWorkspace tiny;

    @Test
    void isBelowWhatJobsTakeAndNotFarBelow() throws Exception {
        tiny = new TinyWorkspace(folder).filled();
        TinyWorkspace.writeEncoder(tiny.workspace.model("wide"), 256, 3, 1024);
        for (Padding padding : Padding.values()) {
            compare(fineTune("encoder", "small-teacher", padding, ROWS), padding == Padding.MASKED ? 4 : 2);
            compare(fineTune("wide", "teacher", padding, 4), 1.2);
            ArmSpec control = TinyWorkspace.control();
            ArmSpec arm = TinyWorkspace.intervention(Schedule.gradual(2));
            compare(qat(padding, QuantSpec.ternary(), control), 2);
            compare(qat(padding, QuantSpec.ternary(), control, arm), 2);
            compare(TinyWorkspace.evaluate("teacher", padding), 1.5);
        }
    }

    private void compare(JobSpec spec, double factor) throws Exception {
        String model = spec instanceof FineTuneSpec fineTune ? fineTune.model() : "teacher";
        long least = LeastMemory.bytes(spec, ModelFolder.config(tiny.workspace.model(model)), ROWS);
        Device[] opened = new Device[1];
        long[] peak = {0};
        RecipeContext context = new RecipeContext(
                tiny.workspace, name -> opened[0] = Backends.open(name, 1), System::nanoTime, () -> "");
        JobListener listener = new JobListener() {
            @Override
            public void phase(Phase phase, String arm, long seed, String message) {
                look();
            }

            @Override
            public void step(StepProgress progress) {
                look();
            }

            @Override
            public void evaluation(Evaluation evaluation) {
                look();
            }

            private void look() {
                if (opened[0] != null) {
                    peak[0] = Math.max(peak[0], opened[0].peakBytes());
                }
            }
        };
        Recipes.run(context, spec, Checkpoints.none(), listener, () -> false);
        assertThat(peak[0]).as("%s", spec).isBetween(least, (long) (factor * least));
    }

    private static FineTuneSpec fineTune(String model, String output, Padding padding, int batch) {
        FineTuneSpec usual = TinyWorkspace.fineTune(model, output, 4);
        return new FineTuneSpec(
                model,
                TinyWorkspace.data("tiny", padding),
                null,
                new Budget(batch, 0, 4, 0),
                usual.optimizer(),
                0.1,
                5,
                output,
                "cpu",
                0);
    }

    private static QatSpec qat(Padding padding, QuantSpec quant, ArmSpec... arms) {
        return new QatSpec(
                "teacher",
                TinyWorkspace.data("tiny", padding),
                quant,
                new Budget(4, 0, 4, 0),
                List.of(arms),
                List.of(7L),
                0.1,
                "student",
                "cpu",
                Precision.FP32,
                0);
    }
}
