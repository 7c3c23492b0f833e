package dev.ternion.intervention;

import static dev.ternion.intervention.Site.CONTEXT;
import static dev.ternion.intervention.Site.MAP;
import static dev.ternion.intervention.Site.OUTPUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.intervention.Schedule.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    @ParameterizedTest
    @CsvSource({"60, 10, 20", "120, 20, 40", "6, 1, 2", "7, 2, 3"})
    void gradualGoesFromOutputOverContextToMap(int steps, int context, int map) {
        Schedule schedule = Schedule.gradual(steps);
        for (int step = 0; step < steps; step++) {
            Site wanted = step < context ? OUTPUT : step < map ? CONTEXT : MAP;
            assertThat(schedule.at(9, step)).as("step %d", step).isEqualTo(wanted);
        }
    }

    @Test
    void bordersAreExactForEveryMultipleOfSix() {
        for (int sixth = 1; sixth < 5000; sixth++) {
            Schedule gradual = Schedule.gradual(6 * sixth);
            assertThat(gradual.at(0, sixth - 1)).isEqualTo(OUTPUT);
            assertThat(gradual.at(0, sixth)).isEqualTo(CONTEXT);
            assertThat(gradual.at(0, 2 * sixth - 1)).isEqualTo(CONTEXT);
            assertThat(gradual.at(0, 2 * sixth)).isEqualTo(MAP);
        }
    }

    @Test
    void invertedTakesThirds() {
        Schedule schedule = new Schedule(Kind.INVERTED, 60, null, Schedule.INVERTED_FRACTIONS);
        for (int step = 0; step < 60; step++) {
            assertThat(schedule.at(3, step))
                    .as("step %d", step)
                    .isEqualTo(step < 20 ? MAP : step < 40 ? CONTEXT : OUTPUT);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MAP", "CONTEXT", "OUTPUT"})
    void fixedNeverChanges(Site site) {
        Schedule schedule = Schedule.fixed(site, 60);
        for (int step = 0; step < 60; step++) {
            assertThat(schedule.at(step, step)).isEqualTo(site);
        }
    }

    /** 3000 draws: each count has mean 1000 and standard deviation 25.8; five of them are allowed. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, -7, Long.MAX_VALUE})
    void stochasticIsUniformAndAPureFunctionOfSeedAndStep(long seed) {
        Schedule schedule = new Schedule(Kind.STOCHASTIC, 3000, null, List.of());
        Map<Site, Integer> counts = new EnumMap<>(Site.class);
        int repeats = 0, differs = 0;
        for (int step = 0; step < 3000; step++) {
            Site site = schedule.at(seed, step);
            counts.merge(site, 1, Integer::sum);
            assertThat(schedule.at(seed, step)).isEqualTo(site);
            repeats += step > 0 && schedule.at(seed, step - 1) == site ? 1 : 0;
            differs += schedule.at(seed + 1, step) == site ? 0 : 1;
        }
        assertThat(counts.keySet()).containsExactlyInAnyOrder(MAP, CONTEXT, OUTPUT);
        assertThat(counts.values()).allMatch(count -> Math.abs(count - 1000) < 130);
        assertThat(repeats).as("equal neighbours").isBetween(870, 1130);
        assertThat(differs).as("steps on which another seed differs").isBetween(1870, 2130);
        assertThat(new Schedule(Kind.STOCHASTIC, 60, null, List.of()).at(seed, 59))
                .isEqualTo(schedule.at(seed, 59));
    }
}
