using System.IO.Compression;

namespace P6bNative.Trainer.Data;

/// <summary>
/// The content of a zip member, front to back. Length and CRC-32 are checked when its last byte has been read; every failure is an
/// <see cref="InputException"/> that names file and member.
/// </summary>
internal sealed class ZipMemberStream : Stream
{
    private readonly InputFile _file;
    private readonly ZipMember _member;
    private readonly Stream _source;
    private long _position;
    private uint _crc;

    public ZipMemberStream(InputFile file, ZipMember member)
    {
        _file = file;
        _member = member;
        var raw = new FileSlice(file, ZipDirectory.DataOffset(file, member), member.CompressedSize);
        _source = member.IsStored ? raw : new DeflateStream(raw, CompressionMode.Decompress);
        if (member.Size == 0)
            CheckEnd();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _member.Size;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public long Remaining => _member.Size - _position;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length > Remaining)
            buffer = buffer[..(int)Remaining];
        if (buffer.Length == 0)
            return 0;
        int count = ReadSource(buffer);
        if (count == 0)
            throw new InputException($"{_file.Path}: member {_member.Name} is truncated: {_position} bytes of content instead of {_member.Size}");
        _crc = Crc32.Append(_crc, buffer[..count]);
        _position += count;
        if (_position == _member.Size)
            CheckEnd();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Reads to the end, so that the checksum is checked.</summary>
    public void Drain()
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (Read(buffer) > 0)
        {
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
        base.Dispose(disposing);
    }

    private int ReadSource(Span<byte> buffer)
    {
        try
        {
            return _source.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputException($"{_file.Path}: member {_member.Name} is damaged after {_position} bytes: {MessageText.OneLine(e.Message)}", e);
        }
    }

    private void CheckEnd()
    {
        Span<byte> more = stackalloc byte[1];
        if (ReadSource(more) != 0)
            throw new InputException($"{_file.Path}: member {_member.Name} is damaged: more content than the {_member.Size} bytes it claims");
        if (_crc != _member.Crc)
            throw new InputException($"{_file.Path}: member {_member.Name} is damaged: checksum {_crc:x8} instead of {_member.Crc:x8}");
    }

    /// <summary>A range of the file as a stream.</summary>
    private sealed class FileSlice(InputFile file, long offset, long length) : Stream
    {
        private long _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int wanted = (int)Math.Min(buffer.Length, length - _at);
            if (wanted == 0)
                return 0;
            int count = file.ReadSome(offset + _at, buffer[..wanted]);
            _at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
