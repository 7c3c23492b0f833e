package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.StoreUnavailable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SteadyJobStoreTest {
    @TempDir
    Path folder;

    /** One call in a hundred, and one in ten. */
    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1})
    void answersAsAStoreWithoutFaults(double share) throws Exception {
        StoreModel model = new StoreModel(5);
        try (JobDatabase jobs = JobDatabase.inFolder(
                folder, StoreModel.MAX_JOBS, StoreModel.MAX_EVENTS, StoreModel.MAX_CHANGES, e -> {})) {
            model.change(new FaultyStores(share, 6).survived(jobs.store()), 1500);
            model.compare(jobs.store());
        }
    }

    @Test
    void aFaultThatDoesNotPassIsThrownAfterSomeCalls() {
        JobStore steady = new FaultyStores(1, 7).survived(new InMemoryJobStore());
        assertThatThrownBy(() -> steady.count(JobState.QUEUED)).isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void aFatalFaultIsToldOnceAndThrown() {
        RuntimeException full = fault(SQLiteErrorCode.SQLITE_FULL);
        List<RuntimeException> told = new ArrayList<>();
        JobStore broken = FaultyStores.throwing(full);
        JobStore steady = new SteadyJobStore(
                broken,
                new Retries(
                        StoreFaults::isPassing,
                        StoreFaults::isUnknown,
                        StoreFaults::isFatal,
                        told::add,
                        System::nanoTime));
        assertThatThrownBy(() -> steady.delete("job-a")).isSameAs(full);
        assertThat(told).containsExactly(full);
    }

    @Test
    void faultsAreToldApart() {
        for (SQLiteErrorCode code : List.of(
                SQLiteErrorCode.SQLITE_IOERR_FSYNC,
                SQLiteErrorCode.SQLITE_IOERR_WRITE,
                SQLiteErrorCode.SQLITE_FULL,
                SQLiteErrorCode.SQLITE_CORRUPT,
                SQLiteErrorCode.SQLITE_READONLY)) {
            assertThat(StoreFaults.isFatal(fault(code))).as("%s", code).isTrue();
            assertThat(StoreFaults.isPassing(fault(code))).as("%s", code).isFalse();
        }
        assertThat(StoreFaults.isPassing(fault(SQLiteErrorCode.SQLITE_BUSY))).isTrue();
        assertThat(StoreFaults.isFatal(fault(SQLiteErrorCode.SQLITE_BUSY))).isFalse();
        assertThat(StoreFaults.isPassing(new ConnectionException(new SQLTransientConnectionException("late"))))
                .isTrue();
        assertThat(StoreFaults.isPassing(new ConnectionException(new SQLException("admin", "57P01"))))
                .isTrue();
        assertThat(StoreFaults.isPassing(new ConnectionException(new SQLException("syntax", "42601"))))
                .isFalse();
        assertThat(StoreFaults.isPassing(new IllegalStateException("revision"))).isFalse();
    }

    private static RuntimeException fault(SQLiteErrorCode code) {
        return new ConnectionException(new SQLiteException(code.name(), code));
    }
}
