package dev.ternion.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PointBlockTest {
    private static final long TIME = 1_900_000_000_000L;

    @Test
    void anyPointsComeBackAsTheyWere() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            PointList points = new PointList();
            long step = -1;
            for (int p = random.nextInt(50); p > 0; p--) {
                step += 1 + (random.nextInt(5) == 0 ? random.nextLong() >>> 20 : random.nextInt(3));
                // Any bits, not a number among them, and times that go back.
                points.add(step, Double.longBitsToDouble(random.nextLong()), random.nextLong());
            }
            assertThat(PointBlock.read(PointBlock.write(points.points()))).isEqualTo(points.points());
        }
    }

    @Test
    void aPointOfATrainingTakesElevenBytesAtMost() {
        PointList points = new PointList();
        for (int step = 1; step <= 512; step++) {
            points.add(step, 1.0 / step, TIME + step * 40L);
        }
        assertThat(PointBlock.write(points.points()).length).isLessThan(512 * 11);
    }

    @Test
    void damageIsRefusedAndTakesNoMemory() {
        PointList points = new PointList();
        points.add(1, 0.5, TIME);
        points.add(2, 0.25, TIME + 1);
        byte[] whole = PointBlock.write(points.points());
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> PointBlock.read(part)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> PointBlock.read(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] huge = {-2, -1, -1, -1, 15, 0};
        assertThatThrownBy(() -> PointBlock.read(huge)).hasMessageContaining("says 2147483647 points");
        byte[] endless = new byte[40];
        Arrays.fill(endless, (byte) -1);
        assertThatThrownBy(() -> PointBlock.read(endless)).hasMessageContaining("ten bytes");
    }

    @Test
    void stepsRise() {
        assertThatThrownBy(() -> Points.of(new long[] {1, 1}, new double[2], new long[2]))
                .hasMessage("step 1 after 1; wanted rising steps from 0");
        assertThatThrownBy(() -> Points.of(new long[] {-1}, new double[1], new long[1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Points.of(new long[] {1}, new double[2], new long[1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rangesIncludeBothEnds() {
        Points points = Points.of(new long[] {2, 4, 6, 8}, new double[] {2, 4, 6, 8}, new long[4]);
        assertThat(points.within(4, 6)).isEqualTo(points.slice(1, 3));
        assertThat(points.within(3, 7)).isEqualTo(points.slice(1, 3));
        assertThat(points.within(0, Long.MAX_VALUE)).isEqualTo(points);
        assertThat(points.within(9, 10).size()).isZero();
        assertThat(points.after(4)).isEqualTo(points.slice(2, 4));
        assertThat(points.after(5)).isEqualTo(points.slice(2, 4));
    }

    @Test
    void keysAreTextAndBack() {
        for (SeriesKey key :
                new SeriesKey[] {new SeriesKey("ti-g", 42, "loss.total"), new SeriesKey("", -7, "learning_rate")}) {
            assertThat(SeriesKey.parse(key.text())).isEqualTo(key);
        }
        assertThat(new SeriesKey("", 3, "eval.ACCURACY").text()).isEqualTo("3/eval.ACCURACY");
        for (String wrong : new String[] {"", "loss", "a/b/c", "1/", "a/1/b/c", "1.5/x"}) {
            assertThatThrownBy(() -> SeriesKey.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
