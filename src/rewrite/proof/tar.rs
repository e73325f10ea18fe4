//! A tar, read member by member as it streams past.
//!
//! The crate `tar` splits extended headers at every newline, so an extended attribute that holds one, as a capability
//! may, hides what follows it: a long path, a high owner. Here only its reading of the plain header is used.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::str::FromStr;

use tar::{EntryType, Header};

/// A tar's blocks.
const BLOCK: u64 = 512;
/// The longest extended header that is read. Linux keeps an extended attribute below 64 kB.
const LONGEST_EXTENSION: u64 = 16 << 20;
/// How an extended header names an extended attribute.
const XATTR: &[u8] = b"SCHILY.xattr.";

/// The extended attributes of a file, by name.
pub(super) type Xattrs = BTreeMap<Box<[u8]>, Box<[u8]>>;

/// What a tar says of a member before its content.
#[derive(Debug)]
pub(super) struct Member {
    /// Its path, as it stands there.
    pub(super) path: Vec<u8>,
    /// What it is.
    pub(super) kind: EntryType,
    /// What a link leads to.
    pub(super) link: Vec<u8>,
    /// The bits of `chmod`.
    pub(super) mode: u16,
    /// The owner's number.
    pub(super) uid: u32,
    /// The group's number.
    pub(super) gid: u32,
    /// Seconds since 1970.
    pub(super) mtime: i64,
    /// Of a device its major and minor number.
    pub(super) device: (u32, u32),
    /// Its extended attributes.
    pub(super) xattrs: Xattrs,
}

/// A tar being read. As a reader it gives the content of the member that [`TarReader::next_member`] gave last.
pub(super) struct TarReader<R> {
    inner: R,
    /// Bytes of the current member's content that are still to be read.
    content: u64,
    /// Bytes behind the content up to the next block.
    padding: u64,
}

impl<R: Read> TarReader<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, content: 0, padding: 0 }
    }

    /// The next member; none at the end. What is unread of the one before is skipped.
    pub(super) fn next_member(&mut self) -> io::Result<Option<Member>> {
        let mut extension = Extension::default();
        while let Some(header) = self.next_header()? {
            match header.entry_type() {
                EntryType::XHeader => extension.take(&self.whole_content()?)?,
                EntryType::GNULongName => extension.path = Some(until_nul(self.whole_content()?)),
                EntryType::GNULongLink => extension.link = Some(until_nul(self.whole_content()?)),
                EntryType::XGlobalHeader => {}
                _ => return self.member(&header, extension).map(Some),
            }
        }
        Ok(None)
    }

    fn next_header(&mut self) -> io::Result<Option<Header>> {
        let rest = self.content + self.padding;
        let skipped = io::copy(&mut self.inner.by_ref().take(rest), &mut io::sink())?;
        if skipped < rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        (self.content, self.padding) = (0, 0);

        let mut header = Header::new_old();
        let bytes = header.as_mut_bytes();
        match read_up_to(&mut self.inner, bytes)? {
            // Some writers leave the closing blocks out.
            0 => return Ok(None),
            whole if whole == bytes.len() => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        if !is_header(&header) {
            return Err(invalid("no header of a tar where one should be"));
        }
        self.begin(header.entry_size()?);
        Ok(Some(header))
    }

    fn begin(&mut self, size: u64) {
        self.content = size;
        self.padding = size.next_multiple_of(BLOCK) - size;
    }

    fn whole_content(&mut self) -> io::Result<Vec<u8>> {
        if self.content > LONGEST_EXTENSION {
            return Err(invalid("an extended header is too long"));
        }
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn member(&mut self, header: &Header, extension: Extension) -> io::Result<Member> {
        if header.entry_type() == EntryType::GNUSparse || extension.sparse {
            return Err(invalid("a sparse file, which engines don't write"));
        }
        // What a writer leaves out is zero.
        let plain = |field: Range<usize>, value: io::Result<u64>| {
            let is_blank = |byte: &u8| matches!(byte, 0 | b' ');
            if header.as_bytes().get(field).is_some_and(|bytes| bytes.iter().all(is_blank)) {
                Ok(0)
            } else {
                value
            }
        };
        let number = |value: u64| u32::try_from(value).map_err(|_| invalid("a number is too large"));
        let path = extension.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = match header.entry_type() {
            EntryType::Regular if path.ends_with(b"/") => EntryType::Directory,
            EntryType::Continuous => EntryType::Regular,
            kind => kind,
        };
        // Nothing follows a member of another kind, whatever size it gives.
        let size = if kind == EntryType::Regular { extension.size.unwrap_or(self.content) } else { 0 };
        self.begin(size);
        Ok(Member {
            kind,
            link: extension
                .link
                .or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned))
                .unwrap_or_default(),
            mode: u16::try_from(plain(100..108, header.mode().map(u64::from))? & 0o7777).unwrap_or_default(),
            uid: number(extension.uid.map_or_else(|| plain(108..116, header.uid()), Ok)?)?,
            gid: number(extension.gid.map_or_else(|| plain(116..124, header.gid()), Ok)?)?,
            mtime: match extension.mtime {
                Some(mtime) => mtime,
                None => i64::try_from(plain(136..148, header.mtime())?).unwrap_or(i64::MAX),
            },
            device: match kind {
                EntryType::Char | EntryType::Block => {
                    (header.device_major()?.unwrap_or_default(), header.device_minor()?.unwrap_or_default())
                }
                _ => (0, 0),
            },
            xattrs: extension.xattrs,
            path,
        })
    }
}

impl<R: Read> Read for TarReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.by_ref().take(self.content).read(buffer)?;
        if count == 0 && self.content > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.content -= count as u64;
        Ok(count)
    }
}

/// Whether `block` can be a tar's first: a header, or the zeros of an empty one.
pub(super) fn begins_tar(block: &[u8]) -> bool {
    let mut header = Header::new_old();
    let bytes = header.as_mut_bytes();
    block.len() == bytes.len() && {
        bytes.copy_from_slice(block);
        block.iter().all(|byte| *byte == 0) || is_header(&header)
    }
}

/// Whether the sum of the header is right.
fn is_header(header: &Header) -> bool {
    let bytes = header.as_bytes();
    let (before, rest) = bytes.split_at(148);
    let behind = rest.get(8..).unwrap_or_default();
    let sum: u32 =
        before.iter().chain(behind).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * u32::from(b' ');
    header.cksum().is_ok_and(|written| written == sum)
}

/// What extended headers say of the member behind them.
#[derive(Debug, Default)]
struct Extension {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    mtime: Option<i64>,
    xattrs: Xattrs,
    sparse: bool,
}

impl Extension {
    /// Takes in records of the form `length key=value\n`; the length is that of the whole record.
    fn take(&mut self, mut records: &[u8]) -> io::Result<()> {
        while !records.is_empty() {
            let (record, rest) = split_record(records).ok_or_else(|| invalid("a broken extended header"))?;
            records = rest;
            let (key, value) = record;
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = Some(parse(value)?),
                b"uid" => self.uid = Some(parse(value)?),
                b"gid" => self.gid = Some(parse(value)?),
                b"mtime" => {
                    let seconds = value.split(|byte| *byte == b'.').next().unwrap_or_default();
                    self.mtime = Some(parse(seconds)?);
                }
                _ => {
                    self.sparse |= key.starts_with(b"GNU.sparse.");
                    if let Some(name) = key.strip_prefix(XATTR) {
                        self.xattrs.insert(name.into(), value.into());
                    }
                }
            }
        }
        Ok(())
    }
}

/// A record's key and value.
type Record<'a> = (&'a [u8], &'a [u8]);

/// The first record, and the records behind it.
fn split_record(records: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let blank = records.iter().position(|byte| *byte == b' ')?;
    let length: usize = parse(records.get(..blank)?).ok()?;
    let record = records.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some(((record.get(..equals)?, record.get(equals + 1..)?), records.get(length..)?))
}

fn parse<T: FromStr>(digits: &[u8]) -> io::Result<T> {
    let text = std::str::from_utf8(digits).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(|| invalid("a number that is none"))
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    bytes
}

/// Reads until the buffer is full or nothing is left.
pub(super) fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
