package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorFlowBundleTest {
    private static final String DATA = "variables.data-00000-of-00001";

    @TempDir
    Path folder;

    private void assertRefused(String message) {
        assertThatThrownBy(() -> TensorFlowBundle.open(folder).close())
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("wanted ");
    }

    @Test
    void tensorsComeUnderHuggingFaceNamesAndTurned() throws Exception {
        try (TensorFlowBundle bundle = TensorFlowBundle.open(TinyBundle.model().writeTo(folder))) {
            assertThat(bundle.names()).containsAll(TinyModel.shapes().keySet()).contains("cls.predictions.bias");
            assertThat(bundle.names()).hasSize(TinyModel.shapes().size() + 1);
            assertThat(bundle.leftOut()).containsExactly("global_step");
            TinyModel.assertSame(bundle);
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "module/bert/embeddings/word_embeddings, embeddings.word_embeddings.weight",
                "bert/embeddings/LayerNorm/gamma, embeddings.LayerNorm.weight",
                "module/bert/encoder/layer_11/attention/self/query/kernel,"
                        + " encoder.layer.11.attention.self.query.weight",
                "bert/encoder/layer_0/output/LayerNorm/beta, encoder.layer.0.output.LayerNorm.bias",
                "bert/pooler/dense/bias, pooler.dense.bias",
                "module/cls/predictions/transform/dense/kernel, cls.predictions.transform.dense.weight",
                "cls/predictions/output_bias, cls.predictions.bias",
                "cls/seq_relationship/output_weights, cls.seq_relationship.weight",
                "bert/pooler/dense/bias/adam_m, none",
                "global_step, none",
                "notbert/dense/kernel, none"
            })
    void names(String tensorFlow, String huggingFace) {
        assertThat(TensorFlowNames.toHuggingFace(tensorFlow).orElse(null)).isEqualTo(huggingFace);
    }

    /** Published check value of CRC-32C for the digits 1 to 9 is e3069283; masked as LevelDB does it. */
    @Test
    void theChecksumIsMaskedCrc32c() {
        int crc = 0xe3069283;
        int masked = (crc >>> 15 | crc << 17) + 0xa282ead8;
        assertThat(LevelDbTable.maskedCrc(ByteBuffer.wrap("123456789".getBytes())))
                .isEqualTo(masked);
    }

    @Test
    void aChangedValueIsNoticedWhenItIsRead() throws Exception {
        TinyBundle.model().writeTo(folder);
        byte[] data = Files.readAllBytes(folder.resolve(DATA));
        data[5] ^= 1;
        Files.write(folder.resolve(DATA), data);
        try (TensorFlowBundle bundle = TensorFlowBundle.open(folder)) {
            assertThatThrownBy(() -> bundle.read("embeddings.word_embeddings.weight"))
                    .isInstanceOf(ArtifactException.class)
                    .hasMessageContaining("tensor \"module/bert/embeddings/word_embeddings\": CRC-32C: saw ");
            assertThat(bundle.read("pooler.dense.bias").remaining()).isEqualTo(8);
        }
    }

    @Test
    void shortDataMissingDataAndCompressionAreRefused() throws Exception {
        TinyBundle.model().writeTo(folder);
        Files.write(folder.resolve(DATA), new byte[10]);
        assertRefused("inside the 10 bytes of " + DATA);
        Files.delete(folder.resolve(DATA));
        assertRefused("open: saw nothing at this path");
        Files.write(folder.resolve("variables.index"), TinyBundle.model().index(1));
        assertRefused("compression: saw 1, wanted 0 (none)");
    }

    @Test
    void liesInTheIndexAreRefused() throws Exception {
        new TinyBundle().put("bert/pooler/dense/bias", new long[] {2}, 0, 12, 0).writeTo(folder);
        assertRefused("size for F32[2]: saw 12, wanted product of shape");
        new TinyBundle()
                .put("bert/pooler/dense/bias", new long[] {1L << 62, 8}, 0, 0, 0)
                .writeTo(folder);
        assertRefused("size for F32[4611686018427387904, 8]: saw 0");
        new TinyBundle()
                .put("bert/pooler/dense/bias", new long[] {2}, Long.MAX_VALUE, 8, 0)
                .writeTo(folder);
        assertRefused("place: saw 9223372036854775807 +8");
        new TinyBundle().put("bert/pooler/dense/bias", new long[] {2}, -8, 8, 0).writeTo(folder);
        assertRefused("place: saw -8 +8");
    }
}
