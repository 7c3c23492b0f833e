package dev.ternion.artifact;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The checked header of a safetensors file.
 *
 * @param entries by offset; offsets count from the start of the file
 * @param metadata the map {@code __metadata__}, or empty
 */
record SafetensorsHeader(Map<String, TensorEntry> entries, Map<String, String> metadata) {

    /** Longest header that is read or written, in bytes. */
    static final long LONGEST = 16 << 20;

    static final String METADATA = "__metadata__";

    private static final int LENGTH_BYTES = 8;
    private static final int MOST_TENSORS = 100_000;
    private static final int MOST_METADATA = 10_000;

    /** What is kept of all tensors may take twice the size of the file and so many bytes more. */
    private static final long FREE_BYTES = 14 << 20;

    /** What a tensor takes as an object, under two names, in bytes. */
    private static final int TENSOR_OVERHEAD = 250;

    private static final String DAMAGED = "The file is damaged or was not written as safetensors: fetch it again.";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4)
                    .maxNameLength(4096)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(20)
                    .build())
            .build();

    static SafetensorsHeader read(MappedFile file) throws IOException {
        long length = headerLength(file);
        ByteBuffer header = file.region(LENGTH_BYTES, length);
        if (length == 0 || header.get(0) != '{') {
            throw damaged(file, "header: first byte", length == 0 ? "nothing" : header.get(0) & 0xff, "'{' (123)");
        }
        return new Reader(file, LENGTH_BYTES + length).parse(StrictJson.text(new ByteBufferBackedInputStream(header)));
    }

    private static long headerLength(MappedFile file) throws IOException {
        if (file.size() < LENGTH_BYTES) {
            throw ArtifactException.truncated(
                    file.path(), "file size", file.size() + " bytes", "at least " + LENGTH_BYTES);
        }
        ByteBuffer start = file.region(0, LENGTH_BYTES);
        long length = start.getLong(0);
        long most = Math.min(LONGEST, file.size() - LENGTH_BYTES);
        if (length < 0 || length > most) {
            throw damaged(file, "header length", Long.toUnsignedString(length), "at most " + most + " bytes");
        }
        return length;
    }

    private static ArtifactException damaged(MappedFile file, String what, Object seen, Object wanted) {
        return ArtifactException.of(file.path(), what, seen, wanted, DAMAGED);
    }

    /** One pass over the JSON, without building a tree of it. */
    private static final class Reader {
        private final MappedFile file;
        private final long dataStart;
        private final List<TensorEntry> entries = new ArrayList<>();
        private final Map<String, String> metadata = new TreeMap<>();
        private long kept;

        Reader(MappedFile file, long dataStart) {
            this.file = file;
            this.dataStart = dataStart;
        }

        SafetensorsHeader parse(java.io.Reader header) throws IOException {
            try (JsonParser json = JSON.createParser(header)) {
                expect(json, json.nextToken(), JsonToken.START_OBJECT, "header");
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    member(json, json.currentName());
                }
                if (json.nextToken() != null) {
                    throw damaged(file, "header: after its end", json.currentToken(), "spaces only");
                }
            } catch (JacksonException e) {
                throw ArtifactException.because(
                        e, file.path(), "header: JSON", e.getOriginalMessage(), "one well-formed JSON object", DAMAGED);
            } catch (CharacterCodingException e) {
                throw ArtifactException.because(
                        e, file.path(), "header: JSON", "bytes that are not UTF-8", "UTF-8", DAMAGED);
            }
            return new SafetensorsHeader(inOrder(), metadata);
        }

        private void member(JsonParser json, String name) throws IOException {
            expect(json, json.nextToken(), JsonToken.START_OBJECT, "header: \"" + name + "\"");
            if (name.equals(METADATA)) {
                readMetadata(json);
                return;
            }
            if (entries.size() >= MOST_TENSORS) {
                throw damaged(file, "header: tensors", "more than " + MOST_TENSORS, "at most " + MOST_TENSORS);
            }
            TensorEntry entry = readEntry(json, name);
            charge(TENSOR_OVERHEAD + 4L * name.length() + (long) Long.BYTES * entry.shape().length);
            entries.add(entry);
        }

        private void charge(long bytes) throws ArtifactException {
            kept += bytes;
            long most = FREE_BYTES + 2 * file.size();
            if (kept > most) {
                throw damaged(
                        file, "header: bytes of names and shapes", kept, "at most " + most + " in so small a file");
            }
        }

        private void readMetadata(JsonParser json) throws IOException {
            while (json.nextToken() != JsonToken.END_OBJECT) {
                if (metadata.size() == MOST_METADATA) {
                    throw damaged(file, METADATA + ": keys", "more than " + MOST_METADATA, "at most " + MOST_METADATA);
                }
                String key = json.currentName();
                expect(json, json.nextToken(), JsonToken.VALUE_STRING, METADATA + ": \"" + key + "\"");
                metadata.put(key, json.getText());
            }
        }

        private TensorEntry readEntry(JsonParser json, String name) throws IOException {
            String what = "tensor \"" + name + "\"";
            String dtype = null;
            long[] shape = null;
            long[] offsets = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "dtype" -> dtype = text(json, what + ": dtype");
                    case "shape" -> shape = longs(json, what + ": shape", TensorEntry.MOST_AXES);
                    case "data_offsets" -> offsets = longs(json, what + ": data_offsets", 2);
                    default -> throw damaged(file, what + ": key", key, "dtype, shape and data_offsets");
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                String seen = "dtype " + (dtype != null) + ", shape " + (shape != null) + ", data_offsets "
                        + (offsets != null);
                throw damaged(file, what + ": keys present", seen, "all three");
            }
            return checked(what, name, dtype, shape, offsets);
        }

        private String text(JsonParser json, String what) throws IOException {
            expect(json, json.currentToken(), JsonToken.VALUE_STRING, what);
            return json.getText();
        }

        private long[] longs(JsonParser json, String what, int most) throws IOException {
            expect(json, json.currentToken(), JsonToken.START_ARRAY, what);
            List<Long> values = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                    throw damaged(file, what, json.getText(), "whole numbers from 0 to 2^63-1");
                }
                if (values.size() == most) {
                    throw damaged(file, what + ": numbers", "more than " + most, "at most " + most);
                }
                values.add(json.getLongValue());
            }
            return values.stream().mapToLong(Long::longValue).toArray();
        }

        private TensorEntry checked(String what, String name, String dtypeName, long[] shape, long[] offsets)
                throws ArtifactException {
            Dtype dtype = Dtype.named(dtypeName)
                    .orElseThrow(() -> ArtifactException.of(
                            file.path(),
                            what + ": dtype",
                            dtypeName,
                            Dtype.all(),
                            "Convert the file to one of these."));
            long dataSize = file.size() - dataStart;
            if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataSize) {
                throw damaged(
                        file,
                        what + ": data_offsets",
                        Arrays.toString(offsets),
                        "[begin, end] with begin <= end <= " + dataSize + ", the bytes after the header");
            }
            long size = TensorEntry.byteSize(dtype, shape);
            TensorEntry entry = new TensorEntry(name, dtype, shape, dataStart + offsets[0], offsets[1] - offsets[0]);
            if (size != entry.size()) {
                String wanted = size < 0 ? "a shape whose size fits 63 bits" : size + " = product of shape × width";
                throw damaged(file, what + ": bytes", entry.size() + " for " + dtype + entry.shapeText(), wanted);
            }
            return entry;
        }

        /** Sorted by offset; each begins where the one before ends, and the last ends where the file ends. */
        private Map<String, TensorEntry> inOrder() throws ArtifactException {
            entries.sort(Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::size));
            Map<String, TensorEntry> byName = new LinkedHashMap<>();
            long end = dataStart;
            for (TensorEntry entry : entries) {
                if (entry.offset() != end) {
                    String kind = entry.offset() < end ? "overlaps the tensor before it" : "leaves a hole before it";
                    throw damaged(
                            file,
                            "tensor \"" + entry.name() + "\" " + kind + ": begin",
                            entry.offset() - dataStart,
                            end - dataStart);
                }
                end += entry.size();
                byName.put(entry.name(), entry);
            }
            if (end != file.size()) {
                throw damaged(file, "bytes after the last tensor", file.size() - end, 0);
            }
            return byName;
        }

        private void expect(JsonParser json, JsonToken seen, JsonToken wanted, String what) throws IOException {
            if (seen != wanted) {
                throw damaged(file, what, seen == null ? "the end of the header" : seen, wanted);
            }
        }
    }
}
