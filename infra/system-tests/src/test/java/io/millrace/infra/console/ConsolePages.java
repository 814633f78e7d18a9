package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The pages of a server's console in a tab of their own. Pictures of them are left in {@code target/pictures}. For one thread. */
final class ConsolePages implements AutoCloseable {

    private static final Path PICTURES = Path.of("target", "pictures");
    /** A small notebook: no page may lack room there. */
    private static final int WIDTH = 1280;

    private static final int HEIGHT = 800;

    private final Browser browser;
    private final URI address;

    private ConsolePages(Browser browser, URI address) {
        this.browser = browser;
        this.address = address;
    }

    /** Skips what needs a browser where there is none. */
    static void assumeABrowser() {
        Assumptions.assumeTrue(
                Browser.program().isPresent(),
                "there is no chromedriver on the PATH; on Debian `apt-get install chromium chromium-driver` brings it");
    }

    static ConsolePages open(URI address) throws IOException {
        Browser browser = Browsers.take();
        browser.size(WIDTH, HEIGHT);
        browser.colours("light");
        return new ConsolePages(browser, address);
    }

    Browser browser() {
        return browser;
    }

    void logIn(String key) {
        browser.go(address);
        browser.type("input[name=key]", key);
        browser.click(".login button[type=submit]");
        browser.find("nav .me");
    }

    /** Logs out, and in again with another key. */
    void logInAs(String key) {
        press("Log out");
        browser.type("input[name=key]", key);
        browser.click(".login button[type=submit]");
        browser.find("nav .me");
    }

    /** Shows a place in the console. Returns when it is drawn, though perhaps without its data. */
    void show(String place) {
        browser.goTo(place);
    }

    /** Presses the first button with this text, in the dialog where one is open, once there is one. */
    void press(String text) {
        browser.click("button", text);
    }

    /** @return what is written on the buttons below the first element that fits */
    List<String> buttons(String css) {
        List<String> buttons = new ArrayList<>();
        browser.run(
                        "return [...(document.querySelector(arguments[0])?.querySelectorAll('button') ?? [])]"
                                + ".map(b => b.innerText.trim()).filter(text => text && text !== 'copy')",
                        css)
                .forEach(button -> buttons.add(button.asText()));
        return buttons;
    }

    /** Chooses in a select, as people do. */
    void choose(String css, String value) {
        browser.set(css, value, "change");
    }

    /** Takes a picture to be looked at, where the build was asked for them. */
    void picture(String name) {
        if (Boolean.getBoolean("millrace.pictures")) {
            browser.picture(PICTURES.resolve(name + ".png"));
        }
    }

    /**
     * Wide and narrow, light and dark; and nothing serious in the way of those who do not see or use a mouse. No table is cut, but on
     * a phone.
     */
    void pictures(String name) {
        browser.colours("light");
        assertEquals(
                0,
                browser.run("return Math.max(0, ...[...document.querySelectorAll('.scroll')]"
                                + ".map(table => table.scrollWidth - table.clientWidth))")
                        .asInt(),
                () -> name + " has a table that is so much wider than there is room");
        picture(name);
        assertEquals(List.of(), browser.barriers(), name);
        browser.colours("dark");
        picture(name + "-dark");
        assertEquals(List.of(), browser.barriersOfColours(), name + " in the dark");
        browser.colours("light");
        browser.size(390, 844);
        picture(name + "-phone");
        int wider = browser.run("return document.documentElement.scrollWidth - innerWidth")
                .asInt();
        browser.size(WIDTH, HEIGHT);
        assertTrue(wider <= 0, name + " is " + wider + " pixels wider than a phone");
    }

    void assertNoComplaints() {
        assertEquals(List.of(), browser.complaints());
    }

    @Override
    public void close() {
        Browsers.giveBack(browser);
    }
}
