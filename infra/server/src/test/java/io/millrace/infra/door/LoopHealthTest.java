package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.DefaultEventLoop;
import io.millrace.infra.testing.Await;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopHealthTest {

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private volatile Supplier<ByteBufAllocator> memory = () -> null;
    private final LoopHealth health = new LoopHealth(loop, () -> memory.get());

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Test
    void aThreadThatLacksMemoryForAnAnswerDoesNotServeUntilThereIsSomeAgain() {
        assertTrue(health.serves());

        memory = () -> {
            throw new OutOfMemoryError("Cannot reserve 262144 bytes of direct buffer memory");
        };
        Await.until("the lack to be noticed", () -> !health.serves());

        memory = () -> UnpooledByteBufAllocator.DEFAULT;
        Await.until("it to serve again", health::serves);
    }
}
