package dev.ternion.artifact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a safetensors file: declare the tensors, then {@link #write()}.
 *
 * <p>The bytes depend only on what was declared: tensors and metadata are sorted by name, the header is padded with
 * spaces to a multiple of 8. Each tensor's supplier is called when its turn comes, so one tensor at a time is in
 * memory. The target is there whole or not at all.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;

    private final FileOperations files;
    private final Path target;
    private final SortedMap<String, Declared> tensors = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();

    public SafetensorsWriter(Path target) {
        this(FileOperations.REAL, target);
    }

    SafetensorsWriter(FileOperations files, Path target) {
        this.files = files;
        this.target = target;
    }

    /** Gives a tensor's bytes when its turn comes: little-endian, row-major, from position to limit. */
    public interface Data {
        ByteBuffer get() throws IOException;
    }

    private record Declared(Dtype dtype, long[] shape, long size, Data data) {}

    /** Adds one entry to {@code __metadata__}; a second value under the same key replaces the first. */
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /**
     * Declares a tensor.
     *
     * @param dtype as safetensors spells it
     * @throws ArtifactException for an unknown dtype, a name given twice or reserved, a shape that does not fit 2 GiB
     */
    public SafetensorsWriter add(String name, String dtype, long[] shape, Data data) throws ArtifactException {
        Dtype known = Dtype.named(dtype).orElseThrow(() -> refused(name, "dtype", dtype, Dtype.all()));
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw refused(name, "name", name, "a name that the format does not use itself");
        }
        long size = TensorEntry.byteSize(known, shape);
        if (size < 0 || size > TensorEntry.LARGEST || shape.length > TensorEntry.MOST_AXES) {
            String wanted = "at most " + TensorEntry.LARGEST + " bytes and " + TensorEntry.MOST_AXES + " axes";
            throw refused(name, "shape", Arrays.toString(shape), wanted);
        }
        if (tensors.putIfAbsent(name, new Declared(known, shape.clone(), size, data)) != null) {
            throw refused(name, "declared", "twice", "once");
        }
        return this;
    }

    /**
     * Writes and replaces the target.
     *
     * @throws ArtifactException when a supplier gives another number of bytes than was declared, or the disk is full
     */
    public void write() throws IOException {
        byte[] header = header();
        AtomicFile.write(files, target, out -> writeAll(out, header));
    }

    private void writeAll(WritableByteChannel out, byte[] header) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        AtomicFile.writeFully(out, length.putLong(0, header.length));
        AtomicFile.writeFully(out, ByteBuffer.wrap(header));
        for (Map.Entry<String, Declared> tensor : tensors.entrySet()) {
            ByteBuffer data = tensor.getValue().data().get();
            if (data.remaining() != tensor.getValue().size()) {
                throw refused(
                        tensor.getKey(),
                        "bytes supplied",
                        data.remaining(),
                        tensor.getValue().size());
            }
            AtomicFile.writeFully(out, data);
        }
    }

    /** JSON of all tensors with their places, padded so that the data begins at a multiple of 8. */
    private byte[] header() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            writeMetadata(json);
            long offset = 0;
            for (Map.Entry<String, Declared> tensor : tensors.entrySet()) {
                writeEntry(json, tensor.getKey(), tensor.getValue(), offset);
                offset = Math.addExact(offset, tensor.getValue().size());
            }
            json.writeEndObject();
        }
        int padded = (bytes.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (padded > SafetensorsHeader.LONGEST) {
            throw refused("", "header bytes", padded, "at most " + SafetensorsHeader.LONGEST);
        }
        byte[] header = Arrays.copyOf(bytes.toByteArray(), padded);
        Arrays.fill(header, bytes.size(), padded, (byte) ' ');
        return header;
    }

    private void writeMetadata(JsonGenerator json) throws IOException {
        if (metadata.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }

    private static void writeEntry(JsonGenerator json, String name, Declared tensor, long offset) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeFieldName("shape");
        json.writeArray(tensor.shape(), 0, tensor.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, offset + tensor.size()}, 0, 2);
        json.writeEndObject();
    }

    private ArtifactException refused(String name, String what, Object seen, Object wanted) {
        return ArtifactException.of(
                target, "tensor \"" + name + "\": " + what, seen, wanted, "Correct the code that writes this file.");
    }
}
