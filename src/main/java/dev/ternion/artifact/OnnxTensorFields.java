package dev.ternion.artifact;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The fields of one TensorProto while it is being read, and the checks that turn them into a {@link TensorEntry}. */
final class OnnxTensorFields {
    /** TensorProto.DataType. */
    private static final Map<Long, Dtype> DTYPES = Map.of(
            1L,
            Dtype.F32,
            2L,
            Dtype.U8,
            3L,
            Dtype.I8,
            6L,
            Dtype.I32,
            7L,
            Dtype.I64,
            9L,
            Dtype.BOOL,
            10L,
            Dtype.F16,
            11L,
            Dtype.F64,
            16L,
            Dtype.BF16);

    final List<Long> dims = new ArrayList<>();
    String name = "";
    long dataType;
    boolean external;
    private boolean raw;
    private int dataFields;
    private long offset;
    private long size;

    /**
     * Notes a data field.
     *
     * @param isRaw raw_data, or packed float_data
     * @param end position in the file just after it
     */
    void addData(boolean isRaw, long length, long end) {
        dataFields++;
        raw = isRaw;
        offset = end - length;
        size = length;
    }

    /**
     * @return the place of the values, or null for a tensor that cannot be a parameter: no float, or values as numbers
     */
    TensorEntry entry(Path file) throws ArtifactException {
        String what = "initializer \"" + name + "\"";
        if (external) {
            throw ArtifactException.of(
                    file,
                    what,
                    "data in another file (external_data)",
                    "data inside the file",
                    "Export the model as one file.");
        }
        Dtype dtype = DTYPES.get(dataType);
        boolean readable = dtype != null && (raw || dtype == Dtype.F32);
        if (!readable || dataFields == 0 && !dtype.floating) {
            return null;
        }
        long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
        long wanted = TensorEntry.byteSize(dtype, shape);
        if (dataFields > 1 || wanted < 0 || wanted != size) {
            TensorEntry seen = new TensorEntry(name, dtype, shape, offset, size);
            throw ArtifactException.truncated(
                    file,
                    what + ": raw_data for " + dtype + seen.shapeText(),
                    size + " bytes in " + dataFields + " fields",
                    wanted < 0 ? "a shape whose size fits 63 bits" : wanted + " bytes in one field");
        }
        return new TensorEntry(name, dtype, shape, offset, size);
    }
}
