-- Which dialled number is which service type, from a date on. `number` holds digits; `is_prefix` marks one that stands for
-- all numbers that begin with it.
CREATE TABLE access_number (
    number       TEXT COLLATE "C" NOT NULL,
    is_prefix    BOOLEAN NOT NULL,
    valid_from   TEXT COLLATE "C" NOT NULL,
    service_type TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number, is_prefix, valid_from)
);
