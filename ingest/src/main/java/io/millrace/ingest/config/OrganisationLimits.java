package io.millrace.ingest.config;

/**
 * What an organisation may have. 0: as much as it likes.
 *
 * @param rates all its callers together may ask so much of a node
 * @param ofEachKey each of its keys may, that has no limits of its own
 * @param openWorkflows workflows that are open at a time
 * @param schedules schedules that are not deleted
 */
public record OrganisationLimits(RateLimits rates, RateLimits ofEachKey, long openWorkflows, long schedules) {

    /** Nothing is limited. */
    public static final OrganisationLimits NONE = new OrganisationLimits(RateLimits.NONE, RateLimits.NONE, 0, 0);

    /** @return whether something is limited that has to be counted first */
    public boolean counts() {
        return openWorkflows > 0 || schedules > 0;
    }

    /** @return what is limited, for people: empty where nothing is */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder(rates.toString());
        add(all, ofEachKey.limits() ? "of each key " + ofEachKey : "");
        add(all, openWorkflows > 0 ? openWorkflows + " open workflows" : "");
        add(all, schedules > 0 ? schedules + " schedules" : "");
        return all.toString();
    }

    private static void add(StringBuilder all, String part) {
        if (!part.isEmpty()) {
            all.append(all.isEmpty() ? "" : "; ").append(part);
        }
    }
}
