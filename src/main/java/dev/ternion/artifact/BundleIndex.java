package dev.ternion.artifact;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The index of a TensorFlow bundle: the empty key holds a BundleHeaderProto, every other key a BundleEntryProto.
 *
 * @param shards number of data files
 * @param tensors by stored name, in key order
 */
record BundleIndex(int shards, Map<String, BundleEntry> tensors) {
    private static final int MOST_SHARDS = 1000;
    private static final String NEXT = "Save the model again as a plain little-endian bundle.";

    /** tensorflow.DataType. */
    private static final Map<Long, Dtype> DTYPES = Map.of(
            1L,
            Dtype.F32,
            2L,
            Dtype.F64,
            3L,
            Dtype.I32,
            4L,
            Dtype.U8,
            6L,
            Dtype.I8,
            9L,
            Dtype.I64,
            10L,
            Dtype.BOOL,
            14L,
            Dtype.BF16,
            19L,
            Dtype.F16);

    static BundleIndex of(Path file, Map<String, ByteBuffer> entries) throws IOException {
        ByteBuffer header = entries.get("");
        if (header == null) {
            throw ArtifactException.truncated(file, "header (the empty key)", "no entry", "a BundleHeaderProto");
        }
        try {
            int shards = readHeader(file, header);
            Map<String, BundleEntry> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, ByteBuffer> entry : entries.entrySet()) {
                if (!entry.getKey().isEmpty()) {
                    Reader reader = new Reader(file, entry.getKey(), shards);
                    tensors.put(entry.getKey(), reader.read(entry.getValue()));
                }
            }
            return new BundleIndex(shards, tensors);
        } catch (InvalidProtocolBufferException e) {
            throw ArtifactException.unreadable(file, "protobuf in the index", e, "whole messages");
        }
    }

    private static int readHeader(Path file, ByteBuffer header) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(header.duplicate());
        long shards = 0;
        long endianness = 0;
        int tag;
        while ((tag = in.readTag()) != 0) {
            switch (tag) {
                case 1 << 3 -> shards = in.readInt64();
                case 2 << 3 -> endianness = in.readInt64();
                default -> in.skipField(tag);
            }
        }
        if (shards < 1 || shards > MOST_SHARDS || endianness != 0) {
            String seen = shards + " shards, endianness " + endianness;
            throw ArtifactException.of(file, "header", seen, "1 to " + MOST_SHARDS + " shards, endianness 0", NEXT);
        }
        return (int) shards;
    }

    /** Reads one BundleEntryProto: dtype 1, shape 2, shard_id 3, offset 4, size 5, crc32c 6, slices 7. */
    private static final class Reader {
        private final Path file;
        private final String name;
        private final int shards;
        private final List<Long> dims = new ArrayList<>();
        private long dataType;
        private long shard;
        private long offset;
        private long size;
        private boolean hasCrc;
        private int crc;

        Reader(Path file, String name, int shards) {
            this.file = file;
            this.name = name;
            this.shards = shards;
        }

        BundleEntry read(ByteBuffer bytes) throws IOException {
            CodedInputStream in = CodedInputStream.newInstance(bytes.duplicate());
            int tag;
            while ((tag = in.readTag()) != 0) {
                switch (tag) {
                    case 1 << 3 -> dataType = in.readInt64();
                    case 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> message(in, () -> readShape(in));
                    case 3 << 3 -> shard = in.readInt64();
                    case 4 << 3 -> offset = in.readInt64();
                    case 5 << 3 -> size = in.readInt64();
                    case 6 << 3 | WireFormat.WIRETYPE_FIXED32 -> readCrc(in);
                    case 7 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> throw refused("slices", "some", "none");
                    default -> in.skipField(tag);
                }
            }
            return checked();
        }

        private interface Body {
            void read() throws IOException;
        }

        private static void message(CodedInputStream in, Body body) throws IOException {
            int outer = in.pushLimit(in.readRawVarint32());
            body.read();
            in.checkLastTagWas(0);
            in.popLimit(outer);
        }

        private void readCrc(CodedInputStream in) throws IOException {
            crc = in.readFixed32();
            hasCrc = true;
        }

        /** TensorShapeProto: dim 2 (repeated). */
        private void readShape(CodedInputStream in) throws IOException {
            int tag;
            while ((tag = in.readTag()) != 0) {
                if (tag == (2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                    message(in, () -> readDim(in));
                } else {
                    in.skipField(tag);
                }
            }
        }

        /** Dim: size 1. */
        private void readDim(CodedInputStream in) throws IOException {
            long extent = 0;
            int tag;
            while ((tag = in.readTag()) != 0) {
                if (tag == 1 << 3) {
                    extent = in.readInt64();
                } else {
                    in.skipField(tag);
                }
            }
            if (dims.size() == TensorEntry.MOST_AXES) {
                throw refused("axes", "more than " + TensorEntry.MOST_AXES, TensorEntry.MOST_AXES);
            }
            dims.add(extent);
        }

        private BundleEntry checked() throws ArtifactException {
            Dtype dtype = DTYPES.get(dataType);
            if (dtype == null) {
                throw refused(
                        "dtype",
                        dataType,
                        "one of " + DTYPES.keySet().stream().sorted().toList());
            }
            if (shard < 0 || shard >= shards) {
                throw refused("shard", shard, "0 to " + (shards - 1));
            }
            long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
            TensorEntry place = new TensorEntry(name, dtype, shape, offset, size);
            if (size < 0 || TensorEntry.byteSize(dtype, shape) != size) {
                throw refused("size for " + dtype + place.shapeText(), size, "product of shape × width");
            }
            return new BundleEntry(place, (int) shard, hasCrc, crc);
        }

        private ArtifactException refused(String what, Object seen, Object wanted) {
            return ArtifactException.of(file, "tensor \"" + name + "\": " + what, seen, wanted, NEXT);
        }
    }
}
