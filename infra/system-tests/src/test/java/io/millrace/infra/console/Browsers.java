package io.millrace.infra.console;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * Browsers that one test after the other uses, since starting one takes longer than most of these tests. Whoever takes one has it
 * alone, and finds nothing of who had it before. All end with the last test of the JVM. Safe from any thread.
 */
final class Browsers implements BeforeAllCallback {

    private static final Queue<Browser> IDLE = new ConcurrentLinkedQueue<>();

    /** @return a browser that shows nothing and keeps nothing; {@link #giveBack} takes it back */
    static Browser take() throws IOException {
        Browser idle = IDLE.poll();
        return idle == null ? Browser.open(Browser.program().orElseThrow()) : idle;
    }

    /** Lets others have it. One that does not forget what it was used for is closed instead, and the test fails. */
    static void giveBack(Browser browser) {
        try {
            browser.forget();
        } catch (Throwable e) {
            browser.close();
            throw e;
        }
        IDLE.add(browser);
    }

    /** Leaves a note to close the browsers when all tests of the JVM are over. */
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(Browsers.class))
                .computeIfAbsent("close", key -> (AutoCloseable) Browsers::closeAll);
    }

    private static void closeAll() {
        for (Browser idle = IDLE.poll(); idle != null; idle = IDLE.poll()) {
            idle.close();
        }
    }
}
