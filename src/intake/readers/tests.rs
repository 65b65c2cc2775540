//! What each reader makes of a small file of its system.

use std::io::Write as _;

use super::{Counts, Output, Reader, ReaderError, ReaderSettings, Source, UsageRecord};

const CONFERENCE: &str = "0f2f7f7a-3a1d-4c39-b7c5-2d1f6a0e9b10.cdr.xml";

fn read(reader: &Reader, name: &str, text: &[u8]) -> Result<(Vec<UsageRecord>, Counts), ReaderError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let mut rows = Vec::new();
    let mut take = |record: &UsageRecord| {
        rows.push(record.clone());
        Ok(())
    };
    let mut output = Output::new(&mut take);
    reader.read(&Source::of_path(&path), &mut output)?;
    let counts = output.counts;
    Ok((rows, counts))
}

fn reader(settings: &ReaderSettings) -> Reader {
    Reader::new(settings).unwrap()
}

fn named(name: &str) -> Reader {
    reader(&ReaderSettings { reader: name.into(), ..ReaderSettings::default() })
}

fn skipped(counts: &Counts) -> Vec<(&str, u64)> {
    counts.skipped.iter().map(|(reason, count)| (reason.as_str(), *count)).collect()
}

fn member(kind: &str, joined: u64, left: u64, ghost: bool, profile: &str) -> String {
    format!(
        "<member type=\"{kind}\">\n<join_time type=\"UNIX-epoch\">{joined}</join_time>\n\
         <leave_time type=\"UNIX-epoch\">{left}</leave_time>\n<flags>\n<is_ghost>{ghost}</is_ghost>\n</flags>\n\
         <caller_profile>\n{profile}</caller_profile>\n</member>\n"
    )
}

fn profile(uuid: &str, caller: &str, more: &str) -> String {
    format!(
        "<caller_id_number>{caller}</caller_id_number>\n<destination_number>33199001000</destination_number>\n\
         <uuid>{uuid}</uuid>\n<source>mod_sofia</source>\n{more}"
    )
}

fn conference(members: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<cdr>\n<conference>\n<name>332703-conf.example.net</name>\n<members>\n{members}\
         </members>\n<rejected>\n<attempt>\n<reason>invalid_pin</reason>\n</attempt>\n</rejected>\n</conference>\n</cdr>\n"
    )
}

#[test]
fn a_freeswitch_conference_gives_its_callers_and_counts_what_is_no_leg() {
    let soft = "<billing_code>A&amp;B</billing_code>\n<access_number>+33 1 99 00 20 00</access_number>\n";
    let members = [
        member("caller", 1_241_604_862, 1_241_605_500, false, &profile("a", "33199000101", soft)),
        member("caller", 1_241_604_862, 1_241_605_400, false, &profile("a", "33199000101", "")),
        member("caller", 1_241_604_900, 0, false, &profile("b", "<!x & <y>", "")),
        member("caller", 1_241_604_900, 1_241_605_000, true, &profile("c", "1", "")),
        "<member type=\"recording_node\">\n<record_path>x</record_path>\n</member>\n".to_owned(),
    ];
    let text = conference(&members.concat());
    let (rows, counts) = read(&named("freeswitch-conference"), CONFERENCE, text.as_bytes()).unwrap();
    assert_eq!(skipped(&counts), [("ghost", 1), ("recording node", 1), ("rejected attempt", 1)]);
    let ids: Vec<&str> = rows.iter().map(|row| row.leg_id.as_str()).collect();
    assert_eq!(ids, ["a/1241604862", "a/1241604862#2", "b/1241604900"]);
    assert_eq!(
        rows[0],
        UsageRecord {
            leg_id: "a/1241604862".into(),
            conference_id: "0f2f7f7a-3a1d-4c39-b7c5-2d1f6a0e9b10".into(),
            room_number: "332703".into(),
            service_type: String::new(),
            joined_at: "2009-05-06T10:14:22Z".into(),
            left_at: "2009-05-06T10:25:00Z".into(),
            caller: "33199000101".into(),
            billing_code: "A&B".into(),
            access_number: "+33 1 99 00 20 00".into(),
            line: 1,
        }
    );
    assert_eq!(rows[1].access_number, "33199001000", "without a field of its own: the last extension");
    // A member that was never removed: the check of rows refuses the 0, and shows it.
    assert_eq!((rows[2].left_at.as_str(), rows[2].caller.as_str()), ("0", "<!x & <y>"));
}

#[test]
fn a_freeswitch_file_that_is_cut_off_or_renamed_is_not_taken() {
    let text = conference(&member("caller", 1, 2, false, &profile("a", "1", "")));
    for cut in [text.len() / 3, text.len() - 8] {
        let error = read(&named("freeswitch-conference"), CONFERENCE, &text.as_bytes()[..cut]).unwrap_err();
        assert!(matches!(error, ReaderError::CutOff(_)), "{error}");
    }
    let error = read(&named("freeswitch-conference"), "conference.xml", text.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("UUID"), "{error}");
}

#[test]
fn a_file_may_be_compressed() {
    let text = conference(&member("caller", 1_241_604_862, 1_241_605_500, false, &profile("a", "1", "")));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let name = format!("{CONFERENCE}.gz");
    let (rows, _) = read(&named("freeswitch-conference"), &name, &packed.finish().unwrap()).unwrap();
    assert_eq!(rows.len(), 1);
}

const CEL_COLUMNS: &str = "eventtype,eventtime,cidnum,ciddnid,appname,appdata,accountcode,uniqueid,eventextra";

fn cel(event: &str, time: &str, channel: &str) -> String {
    let extra = r#""{""bridge_id"":""B1"",""bridge_technology"":""softmix""}""#;
    format!("{event},{time},33199000101,33199001000,ConfBridge,\"332703,public_bridge\",0042,{channel},{extra}\n")
}

#[test]
fn asterisk_events_pair_an_enter_with_its_exit_and_keep_an_enter_that_waits() {
    let settings = ReaderSettings {
        reader: "asterisk-cel".into(),
        columns: CEL_COLUMNS.split(',').map(ToOwned::to_owned).collect(),
        ..ReaderSettings::default()
    };
    let reader = reader(&settings);
    let text = [
        cel("BRIDGE_ENTER", "1241604862.001233", "pbx1-1.1"),
        cel("BRIDGE_ENTER", "1241604900.5", "pbx1-1.2"),
        // Under another application's name, as of a leg that is known; of a bridge that is none, nothing is.
        cel("BRIDGE_EXIT", "1241606993.102000", "pbx1-1.1").replace("ConfBridge", "AppDial"),
        cel("BRIDGE_EXIT", "1241606993.102000", "pbx1-1.8").replace("ConfBridge", "Dial"),
        cel("BRIDGE_EXIT", "1241606993.102000", "pbx1-1.9"),
        cel("HANGUP", "1241606993.2", "pbx1-1.1"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Master.csv");
    std::fs::write(&path, text.concat()).unwrap();
    let mut rows = Vec::new();
    let mut take = |record: &UsageRecord| {
        rows.push(record.clone());
        Ok(())
    };
    let mut output = Output::new(&mut take);
    reader.read(&Source::of_path(&path), &mut output).unwrap();
    assert_eq!(skipped(&output.counts), [("another application", 1), ("another event", 1)]);
    assert_eq!(output.waiting.len(), 2, "an enter, and an exit whose enter may come yet");
    // The end is in the next file.
    std::fs::write(&path, cel("BRIDGE_EXIT", "1241605000.0", "pbx1-1.2")).unwrap();
    reader.read(&Source::of_path(&path), &mut output).unwrap();
    assert_eq!(output.waiting.len(), 1);
    let seen: Vec<_> = rows.iter().map(|row| (row.leg_id.as_str(), row.left_at.as_str())).collect();
    let wanted = [
        ("B1/pbx1-1.1/1241604862.001233", "2009-05-06T10:49:53Z"),
        ("B1/pbx1-1.2/1241604900.5", "2009-05-06T10:16:40Z"),
    ];
    assert_eq!(seen, wanted);
    assert_eq!((rows[0].room_number.as_str(), rows[0].billing_code.as_str()), ("332703", "0042"));
}

fn cdr(uniqueid: &str, room: &str, answer: &str, end: &str, disposition: &str) -> String {
    format!(
        "\"0042\",\"33199000101\",\"332703\",\"did\",\"\",\"c\",\"\",\"ConfBridge\",\"\",\"{answer}\",\"{answer}\",\
         \"{end}\",9,9,\"{disposition}\",\"DOCUMENTATION\",\"{uniqueid}\",\"{room}\"\n"
    )
}

#[test]
fn asterisk_records_share_a_conference_where_the_legs_of_a_room_overlap() {
    let settings = ReaderSettings {
        reader: "asterisk-cdr".into(),
        time_zone: Some("Europe/Paris".into()),
        leg_prefix: Some("pbx1".into()),
        ..ReaderSettings::default()
    };
    let text = [
        cdr("2", "332703", "2009-05-06 12:20:00", "2009-05-06 12:50:00", "ANSWERED"),
        cdr("1", "332703", "2009-05-06 12:14:00", "2009-05-06 12:30:00", "ANSWERED"),
        cdr("1", "332703", "2009-05-06 12:14:00", "2009-05-06 12:30:00", "ANSWERED"),
        cdr("3", "332703", "2009-05-06 13:00:00", "2009-05-06 13:01:00", "ANSWERED"),
        cdr("4", "", "2009-05-06 12:14:00", "2009-05-06 12:30:00", "ANSWERED"),
        cdr("5", "332703", "", "2009-05-06 12:30:00", "NO ANSWER"),
    ];
    let (rows, counts) = read(&reader(&settings), "Master.csv", text.concat().as_bytes()).unwrap();
    assert_eq!(skipped(&counts), [("no room", 1), ("not answered", 1)]);
    let seen: Vec<_> = rows.iter().map(|row| (row.leg_id.as_str(), row.conference_id.as_str())).collect();
    // The record that comes twice is a duplicate to the store.
    let wanted = [("pbx1/1", "pbx1/1"), ("pbx1/1", "pbx1/1"), ("pbx1/2", "pbx1/1"), ("pbx1/3", "pbx1/3")];
    assert_eq!(seen, wanted);
    assert_eq!((rows[0].joined_at.as_str(), rows[0].line), ("2009-05-06T10:14:00Z", 2));

    // A day without a conference is no fault; one whose conferences have no room is.
    let quiet = cdr("6", "", "2009-05-06 12:14:00", "2009-05-06 12:30:00", "ANSWERED");
    let error = read(&reader(&settings), "Master.csv", quiet.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("CDR(userfield)"), "{error}");
    let quiet = [quiet.replace("ConfBridge", "Dial"), text[5].clone()].concat();
    assert_eq!(read(&reader(&settings), "Master.csv", quiet.as_bytes()).unwrap().1.items(), 2);

    let pairs = [text[1].clone(), cdr("1", "332703", "2009-05-06 12:15:00", "2009-05-06 12:30:00", "ANSWERED")];
    let error = read(&reader(&settings), "Master.csv", pairs.concat().as_bytes()).unwrap_err();
    assert!(error.to_string().contains("ignorestatechanges=yes"), "{error}");
}

fn mapped(reader: &str) -> ReaderSettings {
    let map =
        [("leg_id", "{id}"), ("conference_id", "{c}"), ("room", "{r}"), ("joined_at", "{t}"), ("duration", "{s}")];
    ReaderSettings {
        reader: reader.into(),
        map: map.map(|(target, text)| (target.to_owned(), text.to_owned())).into(),
        times: Some("epoch".into()),
        ..ReaderSettings::default()
    }
}

#[test]
fn a_table_is_read_by_its_header_and_filtered_by_its_columns() {
    let mut settings = mapped("delimited");
    settings.separator = Some(";".into());
    settings.when.insert("kind".into(), vec!["conf".into()]);
    let text = "\u{feff}id;c;r;t;s;kind\nL1;C1;\"1;2\";1241604862;60;conf\n\nL2;C1;12;1241604862;60;call\n";
    let (rows, counts) = read(&reader(&settings), "x.csv", text.as_bytes()).unwrap();
    assert_eq!(skipped(&counts), [("another kind", 1)]);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].room_number.as_str(), rows[0].left_at.as_str()), ("1;2", "2009-05-06T10:15:22Z"));
}

#[test]
fn json_is_a_value_a_list_lines_or_a_list_within_a_value() {
    let item = |id: &str| format!(r#"{{"id":"{id}","c":"C","r":12,"t":"1241604862","s":60}}"#);
    let (a, b) = (item("L1"), item("L2"));
    for (each, text) in [
        (None, format!("[{a},{b}]")),
        (None, format!("{a}\n{b}\n")),
        (None, format!("{a}{b}")),
        (Some("value[]"), format!(r#"{{"next":null,"value":[{a},{b}],"n":{{"id":"no"}}}}"#)),
        (Some("x.value"), format!(r#"{{"x":{{"value":[{a},{b}]}}}}"#)),
    ] {
        let settings = ReaderSettings { each: each.map(ToOwned::to_owned), ..mapped("json") };
        let (rows, _) = read(&reader(&settings), "x.json", text.as_bytes()).unwrap();
        let ids: Vec<&str> = rows.iter().map(|row| row.leg_id.as_str()).collect();
        assert_eq!(ids, ["L1", "L2"], "{text}");
        assert_eq!(rows[0].room_number, "12");
    }
    let lines = format!("{a}\n{{\"id\": oops}}\n\n{b}\n");
    let (rows, counts) = read(&reader(&mapped("json")), "x.json", lines.as_bytes()).unwrap();
    assert_eq!((rows.len(), counts.unreadable, rows[1].line), (2, 1, 4), "a line that is none costs itself alone");
    let cut = format!("{a}\n{}", &b[..20]);
    assert!(matches!(read(&reader(&mapped("json")), "x.json", cut.as_bytes()), Err(ReaderError::CutOff(_))));
    assert!(matches!(read(&reader(&mapped("json")), "x.json", b"[{\"id\":1"), Err(ReaderError::CutOff(_))));
    assert!(matches!(read(&reader(&mapped("json")), "x.json", b"<x/>"), Err(ReaderError::Malformed { .. })));
}

#[test]
fn xml_paths_go_down_and_up() {
    let mut settings = mapped("xml");
    settings.each = Some("cdr/call".into());
    settings.map.insert("room".into(), "{../room}".into());
    settings.map.insert("conference_id".into(), "{@in}/{file:uuid}".into());
    settings.map.insert("caller".into(), "{who/number}".into());
    let text = "<cdr><room>332703</room><call in='C'><id>L1</id><t>1241604862</t><s>60</s><who><number>1</number></who>\
                </call><call in='D'><id>L2</id><t>1241604862</t><s>60</s></call></cdr>";
    let (rows, _) = read(&reader(&settings), CONFERENCE, text.as_bytes()).unwrap();
    let seen: Vec<_> = rows.iter().map(|row| [&*row.leg_id, &*row.room_number, &*row.caller]).collect();
    assert_eq!(seen, [["L1", "332703", "1"], ["L2", "332703", ""]]);
    assert_eq!(rows[1].conference_id, "D/0f2f7f7a-3a1d-4c39-b7c5-2d1f6a0e9b10");
}

#[test]
fn every_preset_is_a_reader() {
    for name in super::PRESETS {
        let settings = super::preset(name).unwrap().unwrap();
        Reader::new(&settings).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn settings_that_a_reader_does_not_have_or_that_cannot_be_are_refused_by_name() {
    for (settings, key) in [
        (ReaderSettings { reader: "json".into(), separator: Some(";".into()), ..mapped("json") }, "separator"),
        (ReaderSettings { room: Some("(".into()), ..mapped("delimited") }, "room"),
        (ReaderSettings { room: Some("^x".into()), ..mapped("delimited") }, "room"),
        (ReaderSettings { times: None, ..mapped("delimited") }, "times"),
        (ReaderSettings { reader: "asterisk-cdr".into(), ..ReaderSettings::default() }, "time_zone"),
        (ReaderSettings { reader: "avaya".into(), ..ReaderSettings::default() }, "reader"),
    ] {
        let why = Reader::new(&settings).unwrap_err();
        assert!(why.starts_with(&format!("{key}: ")), "{why}");
    }
}

#[test]
fn cisco_meeting_server_s_records_of_a_leg_make_one_row_and_come_again_as_the_same() {
    let post = |kind: &str, time: &str, inner: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<records session=\"s\"><record type=\"{kind}\" time=\"{time}\">\
             <callLeg id=\"L1\">{inner}</callLeg></record></records>\n"
        )
    };
    let start = post(
        "callLegStart",
        "2015-07-23T07:32:55Z",
        "<remoteParty>a@x</remoteParty><localAddress>332703@y</localAddress>",
    );
    let update = post("callLegUpdate", "2015-07-23T07:32:57Z", "<state>connected</state><call>C1</call>");
    let end =
        post("callLegEnd", "2015-07-23T07:33:05Z", "<cdrTag>0042</cdrTag><durationSeconds>10</durationSeconds>");
    let mut rows = Vec::new();
    let mut take = |record: &UsageRecord| {
        rows.push(UsageRecord { line: 0, ..record.clone() });
        Ok(())
    };
    let mut output = Output::new(&mut take);
    let reader = named("cisco-meeting-server");
    for body in [&start, &update, &end, &end] {
        reader.read(&Source::of_bytes("", body.clone().into_bytes()), &mut output).unwrap();
    }
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0], rows[1]);
    let row = &rows[0];
    assert_eq!(
        [&*row.leg_id, &*row.conference_id, &*row.room_number, &*row.billing_code],
        ["L1", "C1", "332703", "0042"]
    );
    assert_eq!([&*row.joined_at, &*row.left_at], ["2015-07-23T07:32:57Z", "2015-07-23T07:33:05Z"]);
}

#[test]
fn jitsi_s_last_event_of_a_room_names_everyone_who_was_in_it() {
    let settings = super::preset("jitsi").unwrap().unwrap();
    let text = r#"{"event_name": "muc-room-created", "room_name": "332703", "created_at": 1625823996}
{"event_name": "muc-room-destroyed", "room_name": "332703", "room_jid": "332703@c", "created_at": 1625823996, "all_occupants": [{"occupant_jid": "a@x/1", "joined_at": 1625823996, "left_at": 1625824035}]}
"#;
    let (rows, _) = read(&reader(&settings), "events.jsonl", text.as_bytes()).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!([&*rows[0].leg_id, &*rows[0].conference_id], ["a@x/1/1625823996", "332703@c/1625823996"]);
    assert_eq!([&*rows[0].room_number, &*rows[0].service_type], ["332703", "WEB"]);
}
