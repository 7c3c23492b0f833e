package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.ternion.api.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

class JobFileTest {
    @Test
    void allProblemsAreToldWithLineFieldAndTheNameThatWasMeant() {
        problems("""
            spec:
              qat:
                techer: t
                budget:
                  batch_size: many
                  steps: 1.5
                data: { padding: NONE }
                arms: control
                quant:
                  embeddings: "sure"
            """)
                .hasMessageContaining(
                        "job.yaml:3: spec.qat.techer: no such field in QatSpec; did you mean \"teacher\"?")
                .hasMessageContaining("job.yaml:5: spec.qat.budget.batch_size: wanted a whole number, found \"many\"")
                .hasMessageContaining("job.yaml:6: spec.qat.budget.steps: wanted a whole number, found \"1.5\"")
                .hasMessageContaining("job.yaml:7: spec.qat.data.padding: \"NONE\" is not known; wanted one of"
                        + " PADDING_REFERENCE, PADDING_MASKED")
                .hasMessageContaining("job.yaml:8: spec.qat.arms: wanted a list, found \"control\"")
                .hasMessageContaining("job.yaml:10: spec.qat.quant.embeddings: wanted true or false, found \"sure\"");
    }

    @Test
    void oneKindOnly() {
        problems("spec:\n  qat: {}\n  evaluate: {}\n")
                .hasMessage("job.yaml:3: spec.evaluate: stands beside \"qat\"; only one of the two may be there");
    }

    @Test
    void whatIsNoJobIsRefused() {
        problems("").hasMessageContaining("wanted fields of Job, found nothing");
        problems("displayName: x\n").hasMessageContaining("no field \"spec\"");
        problems("spec: [\n")
                .hasMessageStartingWith("job.yaml:1: not YAML or JSON: while parsing a flow node; expected");
        problems("{\"spec\": {}, \"spec\": {}}").hasMessageContaining("Duplicate field 'spec'");
    }

    @Test
    void jsonAndYamlReadTheSame() throws IOException {
        Job json = JobFile.parse(
                "job.json", "{\"spec\": {\"fine_tune\": {\"model\": \"m\", \"seed\": \"7\", \"dropout\": 0.0}}}");
        Job yaml = JobFile.parse("job.yaml", "spec:\n  fineTune: { model: m, seed: 7, dropout: 0 }\n");

        assertThat(json).isEqualTo(yaml);
        assertThat(json.getSpec().getFineTune().hasDropout()).isTrue();
    }

    @Test
    void whatGetPrintsCanBeSubmitted() throws IOException {
        Job job = JobFile.parse("job.yaml", "spec:\n  evaluate: { model: m }\n").toBuilder()
                .setName("projects/default/jobs/a")
                .setState(Job.State.STATE_FAILED)
                .setCreateTime(Timestamp.newBuilder().setSeconds(5))
                .build();

        assertThat(JobFile.parse("job.json", Json.print(job))).isEqualTo(job);
    }

    @Test
    void theExamplesAreJobs() throws IOException {
        List<Path> examples;
        try (Stream<Path> files = Files.list(Path.of("src/examples"))) {
            examples = files.filter(file -> file.toString().endsWith(".yaml")).toList();
        }

        assertThat(examples).hasSizeGreaterThanOrEqualTo(6);
        for (Path example : examples) {
            Job job = JobFile.read(example.toString());
            assertThat(job.getDisplayName()).as("%s", example).isNotEmpty();
            assertThat(Files.readString(example))
                    .contains("bin/ternion jobs submit -f src/examples/" + example.getFileName());
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> problems(String text) {
        return assertThatThrownBy(() -> JobFile.parse("job.yaml", text))
                .isInstanceOfSatisfying(
                        CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.SPEC_INVALID));
    }
}
