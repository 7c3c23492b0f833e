package dev.ternion.artifact;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Writes TensorFlow bundles: a LevelDB table with shared key prefixes as index, and one data file. */
final class TinyBundle {
    private final TreeMap<String, byte[]> entries = new TreeMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** {@link TinyModel} as Google's checkpoints name it, with an optimizer slot that is to be left out. */
    static TinyBundle model() throws IOException {
        TinyBundle bundle = new TinyBundle();
        for (Map.Entry<String, long[]> e : TinyModel.shapes().entrySet()) {
            String name = e.getKey();
            long[] shape = e.getValue();
            if (TinyModel.isLinear(name)) {
                bundle.add(tensorFlowName(name), new long[] {shape[1], shape[0]}, TinyModel.turned(name, shape));
            } else {
                bundle.add(tensorFlowName(name), shape, TinyModel.values(name, shape));
            }
        }
        bundle.add("global_step", new long[] {1}, ByteBuffer.allocate(4));
        bundle.add("module/cls/predictions/output_bias", new long[] {11}, ByteBuffer.allocate(44));
        return bundle;
    }

    private static String tensorFlowName(String name) {
        String path = "module/bert/" + name.replace("layer.", "layer_").replace('.', '/');
        if (name.contains("LayerNorm")) {
            return path.replace("/weight", "/gamma").replace("/bias", "/beta");
        }
        return TinyModel.isLinear(name) ? path.replace("/weight", "/kernel") : path.replace("/weight", "");
    }

    TinyBundle add(String name, long[] shape, ByteBuffer bytes) throws IOException {
        int crc = LevelDbTable.maskedCrc(bytes);
        long offset = data.size();
        data.write(bytes.array());
        return put(name, shape, offset, bytes.remaining(), crc);
    }

    /** An index entry that may lie. */
    TinyBundle put(String name, long[] shape, long offset, long size, int crc) throws IOException {
        byte[] dims = TinyOnnx.message(out -> {
            for (long extent : shape) {
                out.writeByteArray(2, TinyOnnx.message(dim -> dim.writeInt64(1, extent)));
            }
        });
        entries.put(name, TinyOnnx.message(out -> {
            out.writeInt32(1, 1);
            out.writeByteArray(2, dims);
            out.writeInt64(4, offset);
            out.writeInt64(5, size);
            out.writeFixed32(6, crc);
        }));
        return this;
    }

    byte[] data() {
        return data.toByteArray();
    }

    /** The table: one data block, one index block, an empty metaindex block, the footer. */
    byte[] index(int compression) throws IOException {
        entries.put("", TinyOnnx.message(out -> out.writeInt32(1, 1)));
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        byte[] place = append(table, block(entries), compression);
        byte[] meta = append(table, block(new TreeMap<>()), 0);
        byte[] index = append(table, block(new TreeMap<>(Map.of("~", place))), 0);
        ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        footer.put(meta).put(index).putLong(40, LevelDbTable.MAGIC);
        table.write(footer.array());
        return table.toByteArray();
    }

    private static byte[] block(TreeMap<String, byte[]> entries) throws IOException {
        byte[] body = TinyOnnx.message(out -> {
            byte[] before = new byte[0];
            for (Map.Entry<String, byte[]> e : entries.entrySet()) {
                byte[] key = e.getKey().getBytes(StandardCharsets.UTF_8);
                int shared = Arrays.mismatch(before, key);
                shared = shared < 0 ? key.length : shared;
                out.writeUInt32NoTag(shared);
                out.writeUInt32NoTag(key.length - shared);
                out.writeUInt32NoTag(e.getValue().length);
                out.writeRawBytes(key, shared, key.length - shared);
                out.writeRawBytes(e.getValue());
                before = key;
            }
        });
        ByteBuffer block = ByteBuffer.allocate(body.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        return block.put(body).putInt(0).putInt(1).array();
    }

    private static byte[] append(ByteArrayOutputStream table, byte[] block, int compression) throws IOException {
        int offset = table.size();
        ByteBuffer bytes = ByteBuffer.allocate(block.length + 5).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(block).put((byte) compression);
        bytes.putInt(LevelDbTable.maskedCrc(ByteBuffer.wrap(bytes.array(), 0, block.length + 1)));
        table.write(bytes.array());
        return TinyOnnx.message(out -> {
            out.writeUInt32NoTag(offset);
            out.writeUInt32NoTag(block.length);
        });
    }

    Path writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("variables.index"), index(0));
        Files.write(folder.resolve("variables.data-00000-of-00001"), data());
        return folder;
    }
}
