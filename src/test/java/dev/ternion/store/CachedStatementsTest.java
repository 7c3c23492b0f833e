package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real database. */
class CachedStatementsTest {
    private static final String SUM = "SELECT ? + ?";
    private static final String INSERT = "INSERT INTO numbers (number) VALUES (?)";

    @TempDir
    Path folder;

    private Connection connection;

    @BeforeEach
    void open() throws Exception {
        connection = JobDatabase.sqlite(folder.resolve("numbers.db")).getConnection();
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
        }
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private int sum(int a, int b) throws SQLException {
        try (PreparedStatement sum = connection.prepareStatement(SUM)) {
            sum.setInt(1, a);
            sum.setInt(2, b);
            sum.execute();
            try (ResultSet rows = sum.getResultSet()) {
                assertThat(rows.next()).isTrue();
                return rows.getInt(1);
            }
        }
    }

    private void insert(int number) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setInt(1, number);
            assertThat(insert.executeUpdate()).isOne();
        }
    }

    private PreparedStatement used(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.close();
        return statement;
    }

    @Test
    void aTextIsPreparedOnce() throws Exception {
        PreparedStatement sum = used(SUM), insert = used(INSERT);
        for (int i = 0; i < 5; i++) {
            assertThat(sum(i, 2)).isEqualTo(i + 2);
            insert(i);
        }
        assertThat(used(SUM)).isSameAs(sum);
        assertThat(used(INSERT)).isSameAs(insert);
    }

    @Test
    void aUseBindsItsOwnValues() throws Exception {
        sum(1, 2);
        try (PreparedStatement sum = connection.prepareStatement(SUM)) {
            sum.setInt(1, 1);
            try (ResultSet rows = sum.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getObject(1)).as("1 + NULL, not 1 + 2").isNull();
            }
        }
    }

    @Test
    void whatIsInUseIsNotGivenTwice() throws Exception {
        try (PreparedStatement first = connection.prepareStatement(SUM)) {
            first.setInt(1, 1);
            first.setInt(2, 1);
            try (ResultSet rows = first.executeQuery()) {
                assertThat(sum(20, 30)).isEqualTo(50);
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(2);
            }
        }
        assertThat(sum(4, 5)).isEqualTo(9);
    }

    @Test
    void whatHasFailedCanBeUsedAgain() throws Exception {
        insert(1);
        for (int i = 2; i < 5; i++) {
            assertThatThrownBy(() -> insert(1)).isInstanceOf(SQLException.class).hasMessageContaining("UNIQUE");
            insert(i);
        }
        try (PreparedStatement all = connection.prepareStatement("SELECT COUNT(*) FROM numbers");
                ResultSet rows = all.executeQuery()) {
            assertThat(rows.getInt(1)).isEqualTo(4);
        }
    }

    @Test
    void whatWasSetUpInAWayOfItsOwnIsNotUsedAgain() throws Exception {
        PreparedStatement few = connection.prepareStatement(SUM);
        few.setMaxRows(1);
        few.close();
        assertThat(used(SUM)).isNotSameAs(few);
    }

    @Test
    void rowsThatNobodyHasTakenOrEndedAreEnded() throws Exception {
        insert(1);
        insert(2);
        ResultSet left;
        try (PreparedStatement all = connection.prepareStatement("SELECT number FROM numbers")) {
            left = all.executeQuery();
            assertThat(left.next()).isTrue();
        }
        assertThat(left.next()).isFalse();
        try (PreparedStatement all = connection.prepareStatement("SELECT number FROM numbers WHERE number > 0")) {
            assertThat(all.execute()).isTrue();
        }
        // A statement with rows left would hold the database as it was.
        insert(3);
        try (Connection other = JobDatabase.sqlite(folder.resolve("numbers.db")).getConnection();
                var statement = other.createStatement();
                ResultSet moved = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            assertThat(moved.getInt("busy")).isZero();
        }
    }

    @Test
    void aTableThatHasChangedIsSeen() throws Exception {
        insert(1);
        String all = "SELECT * FROM numbers";
        PreparedStatement before = used(all);
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("ALTER TABLE numbers ADD COLUMN name TEXT DEFAULT 'one'");
        }
        try (PreparedStatement same = connection.prepareStatement(all);
                ResultSet rows = same.executeQuery()) {
            assertThat(same).isSameAs(before);
            assertThat(rows.getString("name")).isEqualTo("one");
        }
    }

    @Test
    void theLongestUnusedIsGivenUp() throws Exception {
        PreparedStatement sum = used(SUM);
        for (int i = 0; i < CachedStatements.MOST - 1; i++) {
            used("SELECT " + i);
        }
        assertThat(used(SUM)).isSameAs(sum);
        PreparedStatement zero = used("SELECT 0");
        for (int i = 0; i < CachedStatements.MOST; i++) {
            used("SELECT -" + i);
        }
        assertThat(zero.isClosed()).isTrue();
        assertThat(used(SUM)).isNotSameAs(sum);
    }
}
