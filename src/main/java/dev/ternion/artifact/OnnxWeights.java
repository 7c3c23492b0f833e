package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of an encoder in an ONNX file, under their Hugging Face names and in Hugging Face's layout.
 *
 * <p>Only the graph's wiring and the initializers' places are parsed; the values stay in the mapped file. A linear
 * weight, stored [in, out] under a number, gets its name from the bias that is added to its product, and is delivered
 * as [out, in] ({@link OnnxNames}). Initializers that are no parameters, such as {@code embeddings.position_ids}, are
 * left out.
 */
public final class OnnxWeights extends MappedTensors {
    /** Protocol buffers end at 2 GiB; so does a file that one mapping can hold. */
    public static final long LARGEST_FILE = Integer.MAX_VALUE;

    private static final int CHUNK = 1 << 20;

    private final MappedFile file;
    private final Path spooled;
    private final Map<String, OnnxNames.Weight> weights;
    private final List<String> leftOut;

    private OnnxWeights(MappedFile file, Path spooled, OnnxNames names) {
        super(file.path(), delivered(names.byName()));
        this.file = file;
        this.spooled = spooled;
        this.weights = names.byName();
        this.leftOut = names.leftOut();
    }

    /** @throws ArtifactException for a file that is truncated, too large, no ONNX model, or keeps its data elsewhere */
    public static OnnxWeights open(Path path) throws IOException {
        return open(path, null);
    }

    /**
     * Reads a model from a stream into a temporary file, which {@link #close()} removes.
     *
     * @param in read to its end, not closed
     * @param folder where the temporary file goes
     * @param most bytes to accept
     */
    public static OnnxWeights open(ReadableByteChannel in, Path folder, long most) throws IOException {
        Path spooled = AtomicFile.unusedName(folder.resolve("model.onnx"));
        try {
            spool(in, spooled, most);
            return open(spooled, spooled);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(spooled);
            throw e;
        }
    }

    private static OnnxWeights open(Path path, Path spooled) throws IOException {
        MappedFile file = new MappedFile(path);
        try {
            return new OnnxWeights(file, spooled, OnnxNames.of(path, new OnnxGraphReader(file).read()));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void spool(ReadableByteChannel in, Path target, long most) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        long total = 0;
        try (FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            while (in.read(chunk) >= 0) {
                total += chunk.position();
                if (total > most) {
                    throw ArtifactException.of(
                            "ONNX stream",
                            "bytes",
                            "more than " + most,
                            "at most " + most,
                            "Raise the limit if a model of this size is expected.");
                }
                AtomicFile.writeFully(out, chunk.flip());
                chunk.clear();
            }
        } catch (IOException e) {
            throw AtomicFile.isFull(e) ? AtomicFile.full(target, e) : e;
        }
    }

    /** Names of initializers that are in the file and not delivered: not floating, or no parameter's name found. */
    public List<String> leftOut() {
        return leftOut;
    }

    private static Map<String, TensorEntry> delivered(Map<String, OnnxNames.Weight> weights) {
        Map<String, TensorEntry> entries = new LinkedHashMap<>();
        weights.forEach((name, weight) -> entries.put(name, weight.delivered(name)));
        return entries;
    }

    @Override
    ByteBuffer load(TensorEntry entry) throws IOException {
        OnnxNames.Weight weight = weights.get(entry.name());
        TensorEntry stored = weight.stored();
        ByteBuffer bytes = file.region(stored.offset(), stored.size());
        if (!weight.transposed()) {
            return bytes;
        }
        int rows = (int) stored.shape()[0];
        int columns = (int) stored.shape()[1];
        return FloatBytes.transpose(bytes, rows, columns, stored.dtype().width);
    }

    @Override
    public void close() throws IOException {
        file.close();
        if (spooled != null) {
            Files.deleteIfExists(spooled);
        }
    }
}
