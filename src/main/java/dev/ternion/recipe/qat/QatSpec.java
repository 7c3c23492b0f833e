package dev.ternion.recipe.qat;

import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.Budget;
import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.DataSpec;
import dev.ternion.recipe.JobSpec;
import dev.ternion.training.Precision;
import java.util.List;

/**
 * Quantization-aware training of a student from a fine-tuned teacher, one training per (seed, arm).
 *
 * @param teacher id of a fine-tuned model; the student starts from its weights
 * @param data task data; labels are not used by the default losses
 * @param quant the student's quantizers
 * @param budget steps of every arm, both phases together
 * @param arms one to eight, names unique
 * @param seeds one to sixteen different seeds
 * @param dropout the student's dropout probability, [0, 1)
 * @param outputModel prefix of the stored students: {@code prefix-arm-seed}
 * @param device "cpu" or "cuda:N"
 * @param precision of the gradients' products with codes, and of the teacher's dense ones while it teaches
 * @param deviceMemoryMib limit of memory on the device in MiB; 0 for none
 * @param checkpoints when they are made, which stay, and the one at which the job begins
 */
public record QatSpec(
        String teacher,
        DataSpec data,
        QuantSpec quant,
        Budget budget,
        List<ArmSpec> arms,
        List<Long> seeds,
        double dropout,
        String outputModel,
        String device,
        Precision precision,
        int deviceMemoryMib,
        CheckpointSpec checkpoints)
        implements JobSpec {
    public QatSpec {
        arms = List.copyOf(arms);
        seeds = List.copyOf(seeds);
    }

    /** With the usual checkpoints. */
    public QatSpec(
            String teacher,
            DataSpec data,
            QuantSpec quant,
            Budget budget,
            List<ArmSpec> arms,
            List<Long> seeds,
            double dropout,
            String outputModel,
            String device,
            Precision precision,
            int deviceMemoryMib) {
        this(
                teacher,
                data,
                quant,
                budget,
                arms,
                seeds,
                dropout,
                outputModel,
                device,
                precision,
                deviceMemoryMib,
                CheckpointSpec.USUAL);
    }
}
