package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.StoreUnavailable;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.junit.jupiter.api.Test;

/** What is made of a database that goes away in the middle of a call. */
class RetriesTest {
    private static final RuntimeException AWAY = new ConnectionException(new SQLException("refused", "08001"));
    private static final RuntimeException UNKNOWN =
            new TransactionException("Failed to commit transaction", new SQLException("reset", "08006"));
    private static final RuntimeException CONFLICT = new IllegalStateException("revision");

    private final List<String> made = new ArrayList<>();
    private final List<RuntimeException> told = new ArrayList<>();
    private long now;
    private long step;

    private Retries retries() {
        return new Retries(
                StoreFaults::isPassing, StoreFaults::isUnknown, StoreFaults::isFatal, told::add, () -> now += step);
    }

    /** Answers in turn; the last one for ever. A text is an answer, a fault is thrown. */
    private <T> Supplier<T> script(String name, Object... answers) {
        Deque<Object> left = new ArrayDeque<>(Arrays.asList(answers));
        return () -> {
            made.add(name);
            Object answer = left.size() > 1 ? left.poll() : left.peek();
            if (answer instanceof RuntimeException fault) {
                throw fault;
            }
            @SuppressWarnings("unchecked")
            T result = (T) answer;
            return result;
        };
    }

    @Test
    void aCallThatNeverBeganIsGivenUpSoon() {
        assertThatThrownBy(() -> retries().call(script("call", AWAY), script("done", Optional.empty())))
                .isInstanceOf(StoreUnavailable.class)
                .hasCause(AWAY);
        assertThat(made).filteredOn("call"::equals).hasSize(6);
        assertThat(told).isEmpty();
    }

    @Test
    void aDatabaseThatTakesLongToAnswerIsNotAskedSixTimes() {
        step = 1_100_000_000L;
        assertThatThrownBy(() -> retries().call(script("call", AWAY), script("done", Optional.empty())))
                .isInstanceOf(StoreUnavailable.class);
        assertThat(made).filteredOn("call"::equals).hasSize(2);
    }

    @Test
    void aCommitWithoutAnAnswerIsLookedForUntilTheDatabaseTellsAndNotMadeTwice() {
        Object[] away = new Object[9];
        Arrays.fill(away, AWAY);
        away[8] = Optional.of("stored");
        String result = retries().call(script("call", UNKNOWN), script("done", away));
        assertThat(result).isEqualTo("stored");
        assertThat(made).filteredOn("call"::equals).hasSize(1);
        assertThat(made).filteredOn("done"::equals).hasSize(9);
        assertThat(told).isEmpty();
    }

    @Test
    void aCommitThatWasNotMadeIsMadeAgain() {
        String result = retries().call(script("call", UNKNOWN, "second"), script("done", AWAY, Optional.empty()));
        assertThat(result).isEqualTo("second");
    }

    /** The commit came through late: the repeated call collides with it. */
    @Test
    void aConflictWithOnesOwnEarlierCallIsNone() {
        String result = retries()
                .call(script("call", UNKNOWN, CONFLICT), script("done", Optional.empty(), Optional.of("first")));
        assertThat(result).isEqualTo("first");
        assertThatThrownBy(() -> retries().call(script("call", CONFLICT), script("done", Optional.of("other's"))))
                .isSameAs(CONFLICT);
    }

    @Test
    void whatStaysUnknownIsFatal() {
        step = 7_000_000_000L;
        assertThatThrownBy(() -> retries().call(script("call", UNKNOWN), script("done", AWAY)))
                .isInstanceOf(StoreUnavailable.class);
        assertThat(told).containsExactly(AWAY);
        assertThat(made).hasSizeGreaterThan(6);
    }
}
