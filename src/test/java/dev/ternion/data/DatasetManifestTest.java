package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.data.DatasetManifest.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetManifestTest {
    private static final String SHA = "0123456789abcdef".repeat(4);

    /** As the first import code wrote it. */
    private static final String JSON = """
        {
          "format" : "ternion-dataset-1",
          "digest" : "%1$s",
          "task" : {
            "kind" : "CLASSIFICATION",
            "labels" : [ "bad", "good" ],
            "metrics" : [ "ACCURACY", "F1", "MATTHEWS" ],
            "primary_metric" : "ACCURACY"
          },
          "splits" : {
            "train" : {
              "rows" : 2400,
              "sha256" : "%1$s"
            },
            "eval" : {
              "rows" : 600,
              "sha256" : "%1$s"
            },
            "test" : {
              "rows" : 0,
              "sha256" : "%1$s"
            }
          },
          "notes" : [ "a note" ]
        }\
        """.formatted(SHA);

    private static final DatasetManifest FACTS = new DatasetManifest(
            TaskInfo.classification(List.of("bad", "good")),
            Map.of("train", new Split(2400, SHA), "eval", new Split(600, SHA), "test", new Split(0, SHA)),
            List.of("a note"),
            SHA);

    @TempDir
    private Path folder;

    @Test
    void isReadWithoutAnyRows() throws IOException {
        assertThat(read(JSON)).isEqualTo(FACTS);
        assertThat(FACTS.rows("eval")).isEqualTo(600);
    }

    @Test
    void isWrittenInTheSameBytes() throws IOException {
        DatasetManifest facts = read(JSON);
        Path copy = Files.createDirectory(folder.resolve("copy"));
        facts.write(copy);
        assertThat(copy.resolve("dataset.json")).hasContent(JSON);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"rows\" : 600     | \"rows\" : -600     | rows is -600, wanted a number of rows",
                "\"rows\" : 600     | \"rows\" : \"many\" | rows is \"many\", wanted a number of rows",
                "\"digest\"         | \"other\"           | digest is absent, wanted a text",
                "\"digest\" : \"01  | \"digest\" : \"xy   | wanted 64 hexadecimal digits",
                "\"eval\"           | \"dev\"             | rows is absent",
                "[ \"bad\", \"good\" ] | [ \"bad\", 1 ]   | labels holds 1, wanted a list of texts",
                "[ \"bad\", \"good\" ] | [ \"bad\" ]      | wanted two or more",
                "CLASSIFICATION     | SORTING             | kind is \"SORTING\", wanted one of [CLASSIFICATION,"
                        + " REGRESSION]",
                "ic\" : \"ACCURACY | ic\" : \"SPEED     | primary metric SPEED is not one of",
                "\"a note\" ]       | \"a note            | dataset.json was changed or damaged",
            })
    void damageIsNamedWithAdvice(String good, String bad, String message) {
        assertThat(JSON).contains(good);
        assertThatThrownBy(() -> read(JSON.replaceFirst(java.util.regex.Pattern.quote(good), bad)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("dataset.json was changed or damaged")
                .hasMessageContaining(message)
                .hasMessageContaining("import the data again");
    }

    @Test
    void halfAFileAndNoneAreNamed() throws IOException {
        assertThatThrownBy(() -> read(JSON.substring(0, 200))).hasMessageContaining("import the data again");
        assertThatThrownBy(() -> read(JSON + "}")).hasMessageContaining("import the data again");
        Files.delete(folder.resolve("dataset.json"));
        assertThatThrownBy(() -> DatasetManifest.read(folder)).hasMessageContaining("has no dataset.json");
    }

    private DatasetManifest read(String json) throws IOException {
        Files.writeString(folder.resolve("dataset.json"), json);
        return DatasetManifest.read(folder);
    }
}
