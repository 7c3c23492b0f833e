package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderConfigTest {
    @TempDir
    Path folder;

    private Path write(String json) throws Exception {
        return Files.writeString(folder.resolve("config.json"), json);
    }

    @Test
    void jsonComesBack() throws Exception {
        EncoderConfig without = TinyModel.CONFIG.withPooler(false);
        assertThat(EncoderConfig.fromJson(write(without.toJson()))).isEqualTo(without);
        assertThat(EncoderConfig.fromJson(write(TinyModel.CONFIG.toJson()))).isEqualTo(TinyModel.CONFIG);
    }

    @Test
    void absentKeysMeanWhatTheyMeanAtHuggingFace() throws Exception {
        EncoderConfig config = EncoderConfig.fromJson(
                write("{\"model_type\":\"bert\",\"vocab_size\":30522,\"hidden_size\":768,\"num_hidden_layers\":12,"
                        + "\"num_attention_heads\":12,\"intermediate_size\":3072,\"max_position_embeddings\":512,"
                        + "\"type_vocab_size\":2,\"classifier_dropout\":null,\"use_cache\":true}"));
        assertThat(config)
                .isEqualTo(new EncoderConfig("bert", 30522, 768, 12, 12, 3072, 512, 2, 1e-12, 0.1, 0.1, true));
        assertThat(BertShapes.parameters(config)).isEqualTo(109482240);
    }

    @Test
    void allProblemsAreToldAtOnce() throws Exception {
        Path path =
                write("{\"model_type\":\"roberta\",\"vocab_size\":\"many\",\"hidden_size\":10,\"num_hidden_layers\":0,"
                        + "\"num_attention_heads\":3,\"max_position_embeddings\":1e3,\"type_vocab_size\":99999999999,"
                        + "\"hidden_act\":\"gelu_new\",\"layer_norm_eps\":0,\"hidden_dropout_prob\":1,"
                        + "\"attention_probs_dropout_prob\":\"0.1\",\"position_embedding_type\":\"relative_key\","
                        + "\"is_decoder\":true,\"has_pooler\":\"yes\"}");
        assertThatThrownBy(() -> EncoderConfig.fromJson(path))
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith(
                        path + ": 14 problems: saw all of these, wanted a config.json of a BERT encoder")
                .hasMessageContaining("model_type: saw \"roberta\", wanted \"bert\"")
                .hasMessageContaining("vocab_size: saw \"many\", wanted a whole number")
                .hasMessageContaining("hidden_size: saw 10, wanted a multiple of num_attention_heads = 3")
                .hasMessageContaining("num_hidden_layers: saw 0")
                .hasMessageContaining("intermediate_size: missing")
                .hasMessageContaining("max_position_embeddings: saw 1000.0")
                .hasMessageContaining("type_vocab_size: saw 99999999999")
                .hasMessageContaining("hidden_act: saw \"gelu_new\", wanted \"gelu\"")
                .hasMessageContaining("layer_norm_eps: saw 0, wanted a number above 0 and below 1")
                .hasMessageContaining("hidden_dropout_prob: saw 1, wanted a number from 0 and below 1")
                .hasMessageContaining("attention_probs_dropout_prob: saw \"0.1\"")
                .hasMessageContaining("position_embedding_type: saw \"relative_key\"")
                .hasMessageContaining("is_decoder: saw true, wanted false")
                .hasMessageContaining("has_pooler: saw \"yes\", wanted true or false");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'a':1,'a':2} | Duplicate field 'a'",
                "{'a':1 | Unexpected end-of-input",
                "{} {} | Trailing token",
                "[] | JSON: saw ARRAY, wanted an object",
                "3 | JSON: saw NUMBER, wanted an object"
            })
    void malformedJsonIsRefused(String json, String message) throws Exception {
        Path path = write(json.replace("'a'", "\"a\""));
        assertThatThrownBy(() -> EncoderConfig.fromJson(path))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aMissingAnEmptyAndAHugeFileAreRefused() throws Exception {
        assertThatThrownBy(() -> EncoderConfig.fromJson(folder.resolve("none"))).hasMessageContaining("saw no file");
        Path empty = write("");
        assertThatThrownBy(() -> EncoderConfig.fromJson(empty)).isInstanceOf(ArtifactException.class);
        Path huge = write(" ".repeat((16 << 20) + 1));
        assertThatThrownBy(() -> EncoderConfig.fromJson(huge))
                .hasMessageContaining("file size: saw more than 16777216");
    }

    @Test
    void tensorsTellTheShape() throws Exception {
        TinyModel.huggingFace(folder, "");
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            assertThat(EncoderConfig.fromTensors(file, 2)).isEqualTo(TinyModel.CONFIG);
            assertThatThrownBy(() -> EncoderConfig.fromTensors(file, 0))
                    .hasMessageContaining("heads for hidden size 8: saw no usual number, wanted a divisor of 8");
            assertThatThrownBy(() -> EncoderConfig.fromTensors(file, 3))
                    .hasMessageContaining("heads for hidden size 8: saw 3");
        }
    }

    @Test
    void tensorsThatTellNoShapeAreListed() throws Exception {
        Path path = folder.resolve("other.safetensors");
        new SafetensorsWriter(path).write();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThatThrownBy(() -> EncoderConfig.fromTensors(file, 2))
                    .hasMessageContaining("saw 4 that do not fit")
                    .hasMessageContaining("embeddings.word_embeddings.weight missing")
                    .hasMessageContaining("encoder.layer.0.intermediate.dense.weight missing");
        }
    }

    @ParameterizedTest
    @CsvSource({"128,2", "256,4", "312,12", "384,12", "512,8", "768,12", "1024,16", "1280,20", "100,0", "0,0"})
    void usualHeads(int hidden, int heads) {
        assertThat(EncoderConfig.usualHeads(hidden)).isEqualTo(heads);
    }
}
