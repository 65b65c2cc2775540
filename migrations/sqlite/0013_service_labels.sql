-- What statements call a service in a language, beside the label for all of its tariff's row.
CREATE TABLE service_label (
    tariff       TEXT NOT NULL,
    service_type TEXT NOT NULL,
    valid_from   TEXT NOT NULL,
    locale       TEXT NOT NULL,
    label        TEXT NOT NULL,
    PRIMARY KEY (tariff, service_type, valid_from, locale),
    FOREIGN KEY (tariff, service_type, valid_from) REFERENCES tariff_row
);
