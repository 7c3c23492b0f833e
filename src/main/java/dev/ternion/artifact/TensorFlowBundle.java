package dev.ternion.artifact;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A TensorFlow tensor bundle of a BERT model, under Hugging Face names and in its layout: {@code kernel}, stored [in,
 * out], is delivered as [out, in]. The head of masked language modelling comes as {@code cls.predictions.*}.
 *
 * <p>The checksum of a tensor is compared each time it is read.
 */
public final class TensorFlowBundle extends MappedTensors {
    private static final long LARGEST_INDEX = 64 << 20;

    private final List<MappedFile> shards;
    private final Map<String, Stored> stored;
    private final List<String> leftOut;

    /** A tensor as the index describes it, and whether its kernel is to be turned. */
    private record Stored(BundleEntry entry, boolean transposed) {}

    private TensorFlowBundle(
            Path index,
            List<MappedFile> shards,
            Map<String, TensorEntry> delivered,
            Map<String, Stored> stored,
            List<String> leftOut) {
        super(index, delivered);
        this.shards = shards;
        this.stored = stored;
        this.leftOut = List.copyOf(leftOut);
    }

    /**
     * @param folder holds {@code variables.index} and {@code variables.data-00000-of-00001} (or several of these)
     * @throws ArtifactException for a damaged index, a compressed one, a tensor outside its data file
     */
    public static TensorFlowBundle open(Path folder) throws IOException {
        Path index = folder.resolve("variables.index");
        BundleIndex entries = readIndex(index);
        List<MappedFile> shards = new ArrayList<>();
        try {
            for (int i = 0; i < entries.shards(); i++) {
                String name = String.format("variables.data-%05d-of-%05d", i, entries.shards());
                shards.add(new MappedFile(folder.resolve(name)));
            }
            return build(index, shards, entries.tensors());
        } catch (IOException | RuntimeException e) {
            closeAll(shards);
            throw e;
        }
    }

    private static BundleIndex readIndex(Path index) throws IOException {
        try (MappedFile file = new MappedFile(index)) {
            if (file.size() > LARGEST_INDEX) {
                throw ArtifactException.of(
                        index, "file size", file.size(), "at most " + LARGEST_INDEX, "This is no index of a model.");
            }
            return BundleIndex.of(index, LevelDbTable.read(index, file.region(0, file.size())));
        }
    }

    private static TensorFlowBundle build(Path index, List<MappedFile> shards, Map<String, BundleEntry> tensors)
            throws ArtifactException {
        Map<String, TensorEntry> delivered = new LinkedHashMap<>();
        Map<String, Stored> stored = new TreeMap<>();
        List<String> leftOut = new ArrayList<>();
        for (BundleEntry entry : tensors.values()) {
            TensorEntry place = entry.place();
            Optional<String> name = TensorFlowNames.toHuggingFace(place.name());
            if (name.isEmpty()) {
                leftOut.add(place.name());
                continue;
            }
            requireInside(index, shards.get(entry.shard()), place);
            boolean transposed = TensorFlowNames.isKernel(place.name()) && place.shape().length == 2;
            long[] shape = transposed ? new long[] {place.shape()[1], place.shape()[0]} : place.shape();
            TensorEntry seen = new TensorEntry(name.get(), place.dtype(), shape, place.offset(), place.size());
            if (delivered.putIfAbsent(name.get(), seen) != null) {
                throw ArtifactException.of(
                        index, "parameter \"" + name.get() + "\"", "twice", "once", "Save one model in one bundle.");
            }
            stored.put(name.get(), new Stored(entry, transposed));
        }
        return new TensorFlowBundle(index, shards, delivered, stored, leftOut);
    }

    private static void requireInside(Path index, MappedFile data, TensorEntry place) throws ArtifactException {
        long left = data.size() - place.size();
        if (place.offset() < 0 || place.offset() > left) {
            throw ArtifactException.truncated(
                    index,
                    "tensor \"" + place.name() + "\": place",
                    place.offset() + " +" + place.size(),
                    "inside the " + data.size() + " bytes of " + data.path().getFileName());
        }
    }

    /** Names in the bundle that are no parameters of BERT: optimizer slots, counters. */
    public List<String> leftOut() {
        return leftOut;
    }

    @Override
    ByteBuffer load(TensorEntry entry) throws IOException {
        Stored tensor = stored.get(entry.name());
        TensorEntry place = tensor.entry().place();
        MappedFile data = shards.get(tensor.entry().shard());
        ByteBuffer bytes = data.region(place.offset(), place.size());
        requireIntact(data, tensor.entry(), bytes);
        if (!tensor.transposed()) {
            return bytes;
        }
        int rows = (int) place.shape()[0];
        int columns = (int) place.shape()[1];
        return FloatBytes.transpose(bytes, rows, columns, place.dtype().width);
    }

    private static void requireIntact(MappedFile data, BundleEntry entry, ByteBuffer bytes) throws ArtifactException {
        int computed = LevelDbTable.maskedCrc(bytes);
        if (entry.hasCrc() && computed != entry.crc()) {
            throw ArtifactException.truncated(
                    data.path(),
                    "tensor \"" + entry.place().name() + "\": CRC-32C",
                    LevelDbTable.hex(computed),
                    LevelDbTable.hex(entry.crc()));
        }
    }

    @Override
    public void close() throws IOException {
        closeAll(shards);
    }

    private static void closeAll(List<? extends Closeable> files) throws IOException {
        for (Closeable file : files) {
            file.close();
        }
    }
}
