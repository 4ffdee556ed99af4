package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeakWatchTest {
    @Test
    void noticesWhatIsNotReleased() {
        try (LeakWatch watch = LeakWatch.start()) {
            watch.check();
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(300_000);
            assertThat(LeakWatch.used()).isPositive();
            assertThatThrownBy(() -> watch.check(Duration.ofMillis(200)))
                    .hasMessageContaining("bytes of buffers in use");
            buffer.release();
            watch.check();
        }
    }
}
