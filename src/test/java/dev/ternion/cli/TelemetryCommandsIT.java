package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.api.v1.QuerySeriesRequest.Sampling;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
