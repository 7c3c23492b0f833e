package dev.ternion.api;

import dev.ternion.api.v1.DataSpec.Builder;
import dev.ternion.data.Padding;
import dev.ternion.recipe.DataSpec;

/** Reads and writes {@link DataSpec}. */
final class DataMapper {
    private DataMapper() {}

    static DataSpec read(boolean present, dev.ternion.api.v1.DataSpec proto, Fields fields) {
        if (!present) {
            fields.problem("", "is absent, wanted the data of the job");
        }
        return new DataSpec(
                present ? fields.reference("dataset", proto.getDataset(), ResourceNames.DATASET) : "",
                fields.integer("max_length", proto.getMaxLength(), Defaults.MAX_LENGTH, 4, 100_000),
                fields.constant("padding", proto.getPadding(), "PADDING_", Padding.class, Defaults.PADDING),
                fields.integer("train_rows", proto.getTrainRows(), 0, 1, Integer.MAX_VALUE),
                fields.integer("eval_rows", proto.getEvalRows(), 0, 1, Integer.MAX_VALUE));
    }

    static Builder write(DataSpec data) {
        return dev.ternion.api.v1.DataSpec.newBuilder()
                .setDataset(data.dataset())
                .setMaxLength(data.maxLength())
                .setPadding(dev.ternion.api.v1.DataSpec.Padding.valueOf(
                        "PADDING_" + data.padding().name()))
                .setTrainRows(data.trainRows())
                .setEvalRows(data.evalRows());
    }
}
