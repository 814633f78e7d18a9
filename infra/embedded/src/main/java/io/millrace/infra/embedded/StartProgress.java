package io.millrace.infra.embedded;

/** Hears of the parts of a server as they start. May be called on any thread, for several parts at a time. */
public interface StartProgress {

    /** Tells nobody. */
    StartProgress SILENT = new StartProgress() {

        @Override
        public void begins(String part) {}

        @Override
        public void ends(String part) {}
    };

    /** The part is being started, which may take seconds. */
    void begins(String part);

    /** The part has started. */
    void ends(String part);
}
