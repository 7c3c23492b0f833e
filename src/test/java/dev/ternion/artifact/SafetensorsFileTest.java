package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
    private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    @TempDir
    Path folder;

    private Path file(String header, int dataBytes) throws Exception {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve("t.safetensors"), bytes.array());
    }

    private void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> SafetensorsFile.open(path).close())
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(message)
                .hasMessageContaining("wanted ")
                .hasMessageEndingWith(".");
    }

    @Test
    void readsEveryTypeAndItsMetadata() throws Exception {
        Path path = file(
                "{\"__metadata__\":{\"format\":\"pt\"},\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[8,12]},"
                        + A + ",\"s\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[12,20]},"
                        + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[20,20]}}   ",
                20);
        byte[] bytes = Files.readAllBytes(path);
        ByteBuffer data = ByteBuffer.wrap(bytes, bytes.length - 20, 20).slice().order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(0, 1.25f)
                .putFloat(4, -7f)
                .putShort(8, (short) 0x3c00)
                .putShort(10, (short) 0x0001)
                .putLong(12, 42);
        Files.write(path, bytes);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.names()).containsExactly("a", "h", "s", "e");
            assertThat(file.metadata()).isEqualTo(Map.of("format", "pt"));
            FloatBuffer a = file.read("a");
            assertThat(new float[] {a.get(0), a.get(1)}).containsExactly(1.25f, -7f);
            assertThat(a.isDirect()).isTrue();
            assertThat(a.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(file.read("h").get(1)).isEqualTo(0x1p-24f);
            assertThat(file.dtype("s")).isEqualTo("I64");
            assertThat(file.shape("s")).isEmpty();
            assertThat(file.bytes("s").getLong(0)).isEqualTo(42);
            assertThat(file.read("e").remaining()).isZero();
            assertThatThrownBy(() -> file.read("s"))
                    .hasMessageContaining("tensor \"s\": dtype: saw I64, wanted F32, F16, BF16 or F64");
            assertThatThrownBy(() -> file.shape("b")).hasMessageContaining("tensor \"b\": saw no tensor of this name");
        }
    }

    @Test
    void aClosedFileSaysSo() throws Exception {
        SafetensorsFile file = SafetensorsFile.open(file("{" + A + "}", 8));
        file.close();
        assertThatThrownBy(() -> file.read("a")).hasMessageContaining("saw a closed file");
    }

    static Stream<Arguments> broken() {
        String b = "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":";
        return Stream.of(
                Arguments.of("{" + A + "}", 7, "data_offsets: saw [0, 8], wanted [begin, end] with begin <= end <= 7"),
                Arguments.of("{" + A + "}", 9, "bytes after the last tensor: saw 1, wanted 0"),
                Arguments.of(
                        "{" + A + "," + b + "[4,12]}}", 12, "overlaps the tensor before it: begin: saw 4, wanted 8"),
                Arguments.of("{" + A + "," + b + "[12,20]}}", 20, "leaves a hole before it: begin: saw 12, wanted 8"),
                Arguments.of("{" + A + "," + A + "}", 8, "Duplicate field 'a'"),
                Arguments.of("{" + b + "[8,0]}}", 8, "data_offsets: saw [8, 0]"),
                Arguments.of("{" + b + "[0]}}", 8, "data_offsets: saw [0]"),
                Arguments.of("{" + b + "[-8,8]}}", 8, "data_offsets: saw -8, wanted whole numbers from 0"),
                Arguments.of("{" + b + "[0,8,9]}}", 8, "data_offsets: numbers: saw more than 2"),
                Arguments.of(
                        "{" + b + "[0,18446744073709551616]}}", 8, "saw 18446744073709551616, wanted whole numbers"),
                Arguments.of("{" + b + "[0,8.0]}}", 8, "data_offsets: saw VALUE_NUMBER_FLOAT"),
                Arguments.of("{" + b + "\"0,8\"}}", 8, "data_offsets: saw VALUE_STRING, wanted START_ARRAY"),
                Arguments.of("{" + A.replace("[2]", "[3]") + "}", 8, "bytes: saw 8 for F32[3], wanted 12"),
                Arguments.of(
                        "{" + A.replace("[2]", "[4294967296,4294967296]") + "}", 8, "a shape whose size fits 63 bits"),
                Arguments.of(
                        "{" + A.replace("[2]", "[9223372036854775807,2]") + "}", 8, "a shape whose size fits 63 bits"),
                Arguments.of(
                        "{" + A.replace("[2]", "[2305843009213693952]") + "}", 8, "a shape whose size fits 63 bits"),
                Arguments.of(
                        "{" + A.replace("[2]", "[" + "1,".repeat(8) + "2]") + "}",
                        8,
                        "shape: numbers: saw more than 8"),
                Arguments.of("{" + A.replace("F32", "F8_E4M3") + "}", 8, "dtype: saw F8_E4M3, wanted one of [F32,"),
                Arguments.of("{" + A.replace("\"F32\"", "null") + "}", 8, "dtype: saw VALUE_NULL"),
                Arguments.of("{" + A.replace("\"shape\":[2],", "") + "}", 8, "saw dtype true, shape false"),
                Arguments.of("{" + A.replace("shape", "form") + "}", 8, "key: saw form, wanted dtype, shape and"),
                Arguments.of("{\"a\":[" + A + "]}", 8, "header: \"a\": saw START_ARRAY, wanted START_OBJECT"),
                Arguments.of("{\"a\":{\"dtype\":{\"x\":{\"y\":{}}}}}", 8, "dtype: saw START_OBJECT"),
                Arguments.of(
                        "{\"__metadata__\":{\"k\":{\"n\":1}}," + A + "}", 8, "__metadata__: \"k\": saw START_OBJECT"),
                Arguments.of("{" + A + "} {}", 8, "header: after its end"),
                Arguments.of("{" + A, 8, "header: JSON: saw Unexpected end-of-input"),
                Arguments.of("[" + A + "]", 8, "header: first byte: saw 91"),
                Arguments.of("", 8, "header: first byte: saw nothing"),
                Arguments.of("{" + A + ",\"" + "n".repeat(5000) + "\":{}}", 8, "header: JSON: saw Name length"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenHeadersAreRefused(String header, int dataBytes, String message) throws Exception {
        assertRefused(file(header, dataBytes), message);
    }

    @Test
    void headerLengthsAreBounded() throws Exception {
        Path path = file("{" + A + "}", 8);
        byte[] bytes = Files.readAllBytes(path);
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, bytes.length - 7}) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            assertRefused(Files.write(path, bytes), "header length: saw " + Long.toUnsignedString(length));
        }
    }

    @Test
    void tensorsBeyondTwoGibibytesAreRead() throws Exception {
        long big = 2_200_000_000L;
        String header = "{\"big\":{\"dtype\":\"U8\",\"shape\":[" + big + "],\"data_offsets\":[0," + big + "]},"
                + "\"end\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + big + "," + (big + 4) + "]}}";
        Path path = file(header, 0);
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(sparse.length() + big + 4);
            sparse.seek(sparse.length() - 4);
            sparse.write(new byte[] {0, 0, (byte) 0x80, 0x3f});
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.read("end").get(0)).isEqualTo(1f);
            assertThatThrownBy(() -> file.bytes("big"))
                    .hasMessageContaining("tensor \"big\": bytes: saw 2200000000, wanted at most 2147483647");
        }
    }

    @Test
    void aMissingFileAndAFolderAreRefused() {
        assertRefused(folder.resolve("none"), "open: saw nothing at this path, wanted a file");
        assertRefused(folder, "open: saw something that is not a file");
    }
}
