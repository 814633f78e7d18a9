package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FailurePlacesTest {

    @Test
    void theyNameTheErrorsAndWhereTheyHappenedButNothingOfTheirTexts() {
        Throwable error = new IllegalStateException("secret one", new NumberFormatException("secret two"));

        String text = FailurePlaces.of(error);

        assertTrue(text.startsWith("java.lang.IllegalStateException"), text);
        assertTrue(text.contains("caused by java.lang.NumberFormatException"), text);
        assertTrue(text.contains("at " + FailurePlacesTest.class.getName()), text);
        assertFalse(text.contains("secret"), text);
    }
}
