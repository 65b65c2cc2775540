-- What statements call a service in a language, beside the label for all of its tariff's row.
CREATE TABLE service_label (
    tariff       TEXT COLLATE "C" NOT NULL,
    service_type TEXT COLLATE "C" NOT NULL,
    valid_from   TEXT COLLATE "C" NOT NULL,
    locale       TEXT COLLATE "C" NOT NULL,
    label        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tariff, service_type, valid_from, locale),
    FOREIGN KEY (tariff, service_type, valid_from) REFERENCES tariff_row
);
