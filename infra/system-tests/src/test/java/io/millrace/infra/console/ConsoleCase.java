package io.millrace.infra.console;

import io.millrace.ingest.config.Access;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** What tests of the console have in common: each opens it in a tab of its own. */
@ExtendWith(Browsers.class)
abstract class ConsoleCase {

    ConsolePages pages;
    Browser browser;

    /** @return address of the console */
    abstract URI console();

    /** Comes in before the test begins, by the key of whoever develops; tests with keys of their own do it otherwise. */
    void comeIn() {
        pages.logIn(Access.DEV_USER_KEY);
    }

    @BeforeEach
    void open() throws Exception {
        pages = ConsolePages.open(console());
        browser = pages.browser();
        comeIn();
    }

    @AfterEach
    void close() {
        pages.close();
    }
}
