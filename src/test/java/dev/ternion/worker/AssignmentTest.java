package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AssignmentTest {
    @Test
    void oneLine() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Assignment("job-a", 7).write(out);
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("job-a 7\n");
        assertThat(Assignment.read(new ByteArrayInputStream(out.toByteArray()))).contains(new Assignment("job-a", 7));
    }

    @Test
    void noneWhenTheServerIsGone() throws Exception {
        assertThat(Assignment.read(new ByteArrayInputStream(new byte[0]))).isEmpty();
    }
}
