package dev.ternion.recipe;

import dev.ternion.data.Padding;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.QatSpec;

/**
 * Bytes that a job of two steps or more certainly has on its device at one time: what is known from the sizes of the model and the
 * batch alone. It needs more; a device with less cannot run it. In fp32, so 4 bytes a value.
 */
public final class LeastMemory {
    private static final long VALUE = 4;

    private LeastMemory() {}

    /**
     * The bytes.
     *
     * @param model that the job reads; its head is left out
     * @param trainRows rows of the train split
     */
    public static long bytes(JobSpec spec, BertConfig model, long trainRows) {
        long weights = embeddings(model) + model.layers() * layer(model);
        if (spec instanceof FineTuneSpec fineTune) {
            // Weights and two moments stay; the tape's values are freed while the gradients come.
            long values = tokens(fineTune.data(), fineTune.budget(), trainRows)
                    * model.layers()
                    * (6L * model.hidden() + 2L * model.feedForward());
            return VALUE * (3 * weights + Math.max(weights, values));
        }
        if (spec instanceof QatSpec qat) {
            // Whatever the losses are, they reach all but the last layer. All arms of a seed are there at once, beside
            // the teacher.
            long reached = weights - layer(model);
            long values = tokens(qat.data(), qat.budget(), trainRows)
                    * model.layers()
                    * (model.hidden() + model.feedForward());
            long arms = qat.arms().size();
            return VALUE * (weights + arms * (weights + 2 * reached) + Math.max(reached, values));
        }
        return VALUE * weights;
    }

    /** Words, positions, types, and their norm. */
    private static long embeddings(BertConfig model) {
        return (model.vocabulary() + model.positions() + model.types() + 2L) * model.hidden();
    }

    /** Four square products, two of the feed-forward block, their biases, two norms. */
    private static long layer(BertConfig model) {
        long hidden = model.hidden();
        long inner = model.feedForward();
        return 4 * (hidden * hidden + hidden) + 2 * hidden * inner + inner + hidden + 4 * hidden;
    }

    /** Rows of a step: without pads there are [CLS] and [SEP] at the least. */
    private static long tokens(DataSpec data, Budget budget, long trainRows) {
        long rows = data.trainRows() > 0 ? Math.min(data.trainRows(), trainRows) : trainRows;
        long examples = Math.min(budget.batchSize(), rows);
        return examples * (data.padding() == Padding.REFERENCE ? data.maxLength() : 2);
    }
}
