package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.api.v1.QuerySeriesRequest.Sampling;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryCommandsIT {
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void logsShowsAllPages() throws IOException {
        Result result = server.run("jobs", "logs", "job-1");
        assertThat(result.code()).isZero();
        assertThat(result.err().lines())
                .containsExactly(
                        "2030-03-17T17:46:41Z  INFO  TRAINING, seed 1: training for 9 steps",
                        "2030-03-17T17:46:42Z  INFO  evaluated after step 9, seed 1: ACCURACY 0.5000",
                        "2030-03-17T17:46:43Z  ERROR  DATA_READ: row 3");
        assertThat(json(result.out()).path("entries")).hasSize(3);
        assertThat(server.run("jobs", "logs", "job-1", "--tail", "1").err().lines())
                .hasSize(1)
                .first()
                .asString()
                .endsWith("row 3");
    }

    @Test
    void aFollowedLogGoesOnAfterTheLastLineSeen() throws IOException {
        Result result = server.run("jobs", "logs", "job-1", "-f", "--tail", "3");
        assertThat(result.code()).isZero();
        assertThat(server.telemetry.tails).hasSize(2);
        assertThat(server.telemetry.tails.get(0).getLast()).isEqualTo(3);
        assertThat(server.telemetry.tails.get(1).getFromSequence()).isEqualTo(2);
        assertThat(result.err().lines()).hasSize(3);
        assertThat(result.out().lines()).hasSize(3);
        assertThat(json(result.out().lines().skip(2).findFirst().orElseThrow())
                        .path("text")
                        .asText())
                .isEqualTo("DATA_READ: row 3");
        Result some = server.run("jobs", "logs", "job-1", "-f", "--severity", "WARNING");
        assertThat(some.err().lines()).hasSize(1);
        assertThat(server.run("jobs", "logs", "job-1", "-f", "--text", "ACCURACY")
                        .err()
                        .lines())
                .hasSize(1);
    }

    @Test
    void metricsListsTheSeries() throws IOException {
        Result result = server.run("jobs", "metrics", "job-1");
        assertThat(result.code()).isZero();
        assertThat(result.err().lines().map(line -> line.replaceAll(" +", " ").strip()))
                .containsExactly(
                        "series points last step last value",
                        "1/loss.scores 60000 60000 0.2500",
                        "1/loss.total 60000 60000 0.2500");
        assertThat(json(result.out()).path("series")).hasSize(2);
    }

    @Test
    void metricsReadsPointsOfKeysOrPartsOfThem() throws IOException {
        Result result = server.run("jobs", "metrics", "job-1", "loss.total", "--points", "50", "--min-max");
        assertThat(result.code()).isZero();
        assertThat(server.telemetry.queries).hasSize(1);
        assertThat(server.telemetry.queries.get(0).getKeys(0)).isEqualTo("1/loss.total");
        assertThat(server.telemetry.queries.get(0).getMaxPoints()).isEqualTo(50);
        assertThat(server.telemetry.queries.get(0).getSampling()).isEqualTo(Sampling.SAMPLING_MIN_MAX);
        assertThat(json(result.out()).at("/series/0/values/2").asDouble()).isEqualTo(4.5);
        assertThat(result.err()).contains("1/loss.total: 3 of 60000 points");
        assertThat(server.run("jobs", "metrics", "job-1", "accuracy").code()).isEqualTo(ExitCode.NOT_FOUND);
    }

    @Test
    void metricsWritesAllPointsAsCsv() {
        Result result = server.run("jobs", "metrics", "job-1", "1/loss.total", "--csv", "--points", "0");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines())
                .hasSize(1 + FakeTelemetry.POINTS)
                .startsWith("key,step,value,time_ms", "1/loss.total,1,1.5,1")
                .endsWith("1/loss.total,60000,90000.0,60000");
        assertThat(server.run("jobs", "metrics", "job-1", "--csv").out().lines())
                .hasSize(1 + 2 * 3);
    }

    @Test
    void followedMetricsGoOnBehindTheLastStepSeen() throws IOException {
        Result result = server.run("jobs", "metrics", "job-1", "-f", "--csv");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out().lines())
                .containsExactly(
                        "key,step,value,time_ms", "1/eval.ACCURACY,9,13.5,9", "1/loss.total,60001,90001.5,60001");
        assertThat(server.telemetry.watches.get(0).getSeriesList())
                .extracting(start -> start.getKey() + " " + start.getFirstStep())
                .containsExactly("1/loss.scores 60001", "1/loss.total 60001");
        assertThat(server.telemetry.watches.get(1).getSeriesList())
                .extracting(start -> start.getKey() + " " + start.getFirstStep())
                .containsExactly("1/eval.ACCURACY 10", "1/loss.scores 60001", "1/loss.total 60001");
        Result some = server.run("jobs", "metrics", "job-1", "loss", "--follow");
        assertThat(some.err().lines()).containsExactly("1/loss.total  step 60001  " + EventText.number(90001.5));
        assertThat(json(some.out()).path("key").asText()).isEqualTo("1/loss.total");
    }

    @Test
    void aFileOfPointsIsSentInPieces(@TempDir Path folder) throws IOException {
        StringBuilder lines = new StringBuilder("key,step,value,time_ms\n");
        for (int step = 1; step <= 10_001; step++) {
            lines.append("1/external.x,")
                    .append(step)
                    .append(",0.5,")
                    .append(1000 + step)
                    .append('\n');
        }
        Path file = Files.writeString(folder.resolve("points.csv"), lines + "\n1/external.y, 3, -1e-3\n");
        Result result = server.run("jobs", "ingest", "job-1", "-f", file.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).contains("10000 of 10002 points are new to job job-1.");
        assertThat(server.telemetry.ingests).hasSize(2);
        SeriesPoints last = server.telemetry.ingests.get(1).getSeries(0);
        assertThat(last.getSteps(0)).isEqualTo(10_001);
        assertThat(last.getTimesMs(0)).isEqualTo(11_001);
        assertThat(server.telemetry.ingests.get(1).getSeries(1).getValues(0)).isEqualTo(-1e-3);
        Files.writeString(file, "1/external.x,1,0.5\n1/external.x,two,0.5\n");
        Result wrong = server.run("jobs", "ingest", "job-1", "-f", file.toString());
        assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
        assertThat(wrong.err()).contains("points.csv:2", "two", "wanted KEY,STEP,VALUE");
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
