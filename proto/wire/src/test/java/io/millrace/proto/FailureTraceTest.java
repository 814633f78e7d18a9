package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FailureTraceTest {

    @Test
    void theyNameTheErrorsAndWhereTheyHappenedButNothingOfTheirTexts() {
        Throwable error = new IllegalStateException("secret one", new NumberFormatException("secret two"));

        String text = FailureTrace.of(error);

        assertTrue(text.startsWith("java.lang.IllegalStateException"), text);
        assertTrue(text.contains("caused by java.lang.NumberFormatException"), text);
        assertTrue(text.contains("at " + FailureTraceTest.class.getName()), text);
        assertFalse(text.contains("secret"), text);
    }
}
