package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CrossSiteTest {

    private static boolean passes(String method, String site, String origin) {
        return CrossSite.fault(method, site, origin, "mill.example").isEmpty();
    }

    @Test
    void whatThePageOfAnotherSiteAsksForIsKnownByEitherHeader() {
        for (String site : new String[] {"cross-site", "same-site", "same-origin,cross-site", ""}) {
            assertEquals(false, passes("POST", site, null), site);
            assertEquals(true, passes("GET", site, null), site);
        }
        for (String origin : new String[] {
            "https://evil.example",
            "https://mill.example:8443",
            "http://mill.example",
            "https://mill.example.evil.example",
            "https://mill.example@evil.example",
            "null",
            "",
            "https://mill.example,https://evil.example"
        }) {
            assertEquals(false, passes("POST", null, origin), origin);
            assertEquals(true, passes("HEAD", null, origin), origin);
        }
        assertEquals(false, passes("DELETE", "same-origin", "https://evil.example"));
        assertEquals(false, CrossSite.fault("POST", null, "https://null", null).isEmpty());
    }

    @Test
    void itsOwnPagesAndWhoIsNoBrowserAreLetThrough() {
        assertEquals(true, passes("POST", null, null));
        assertEquals(true, passes("POST", "none", null));
        assertEquals(true, passes("POST", "same-origin", "https://mill.example"));
        assertEquals(true, passes("POST", null, "https://Mill.Example:443"));
        assertEquals(
                true,
                CrossSite.fault("POST", null, "https://[::1]:8443", "[::1]:8443")
                        .isEmpty());
    }
}
