package dev.ternion.api;

import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.Precision;
import java.util.List;

/** What an absent field of a spec means; the comments of the proto files say the same. */
public final class Defaults {
    /** Tokens of an example. */
    public static final int MAX_LENGTH = 128;

    /** Pads are in no scale, no loss, no work. */
    public static final Padding PADDING = Padding.MASKED;

    /** Examples of a step, and of a forward pass of EVALUATE. */
    public static final int BATCH_SIZE = 32;

    /** Passes over the train split when neither epochs nor steps are given. */
    public static final double EPOCHS = 3;

    /** Dropout probability, of the paper's models too. Ref: [TI] 4.4 */
    public static final double DROPOUT = 0.1;

    /** Seed. */
    public static final long SEED = 42;

    /** Device. */
    public static final String DEVICE = "cpu";

    /** Products in fp32 throughout. */
    public static final Precision PRECISION = Precision.FP32;

    /** Length T1 of an intervention phase, in steps. Ref: [TI] 2.4 */
    public static final int INTERVENTION_STEPS = 60;

    /** The paper's quantizer. */
    public static final QuantSpec QUANT = QuantSpec.ternary();

    /** The release's optimizer. */
    public static final OptimizerSpec OPTIMIZER = OptimizerSpec.bertAdam(2e-5);

    /** The release's losses. */
    public static final LossWeights LOSSES = LossWeights.tiRelease();

    private Defaults() {}

    /** The arms of a QAT job that names none: the control, and TI-G. */
    public static List<ArmSpec> arms() {
        Schedule gradual = Schedule.gradual(INTERVENTION_STEPS);
        return List.of(
                new ArmSpec("control", ArmSpec.Role.CONTROL, null, LOSSES, null, OPTIMIZER),
                new ArmSpec("ti-g", ArmSpec.Role.INTERVENTION, gradual, LOSSES, OPTIMIZER, OPTIMIZER));
    }
}
