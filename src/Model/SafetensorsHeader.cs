using System.Text.Json;

namespace P6bNative.Model;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Key in the header.</param>
/// <param name="Type">Element type as the format names it: F32, F16, BF16, F64, I64, ...</param>
/// <param name="Shape">Dimensions; empty for a single number.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">Byte after the last.</param>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Length => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>The shape as messages write it: [512, 768].</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}

/// <summary>The JSON header of a safetensors file, checked in full: nothing in it is believed that the file does not bear out.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Largest header that is read, in bytes; the format's own limit.</summary>
    public const long MaximumLength = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, int> ElementSizes = new()
    {
        ["BOOL"] = 1,
        ["U8"] = 1,
        ["I8"] = 1,
        ["F8_E5M2"] = 1,
        ["F8_E4M3"] = 1,
        ["U16"] = 2,
        ["I16"] = 2,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["U32"] = 4,
        ["I32"] = 4,
        ["F32"] = 4,
        ["U64"] = 8,
        ["I64"] = 8,
        ["F64"] = 8,
    };

    private readonly string _path;
    private readonly List<SafetensorsEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafetensorsHeader(string path) => _path = path;

    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="path">File name for messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes of the file after the header.</param>
    /// <exception cref="SafetensorsException">Anything is wrong.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            header.ReadAll(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new SafetensorsException($"{path}: the header is not JSON of the safetensors kind: {OneLine(exception.Message)}", exception);
        }

        header.CheckRanges(dataLength);
        return header;
    }

    /// <summary>A key from a file, fit for a one-line message.</summary>
    public static string OneLine(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 120 ? line : line[..120] + "...";
    }

    private void ReadAll(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Error("the header must be a JSON object");
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name == MetadataKey)
                ReadMetadata(property.Value);
            else
                _entries.Add(ReadEntry(property.Name, property.Value));
        }
    }

    private void ReadMetadata(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Error($"{MetadataKey} must be an object of strings");
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw Error($"{MetadataKey}, key '{property.Name}': the value must be a string");
            _metadata.Add(property.Name, property.Value.GetString()!);
        }
    }

    private SafetensorsEntry ReadEntry(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Error($"tensor '{name}' must be an object with dtype, shape and data_offsets");
        string? type = element.TryGetProperty("dtype", out JsonElement dtype) && dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : null;
        if (type is null || !ElementSizes.TryGetValue(type, out int size))
            throw Error($"tensor '{name}': dtype '{type}' is not one of {string.Join(", ", ElementSizes.Keys)}");
        long[] shape = ReadNumbers(name, element, "shape");
        long[] offsets = ReadNumbers(name, element, "data_offsets");
        if (offsets.Length != 2)
            throw Error($"tensor '{name}': data_offsets must be two numbers, not {offsets.Length}");
        var entry = new SafetensorsEntry(name, type, shape, offsets[0], offsets[1]);
        if (ByteLength(entry, size) is not long bytes || bytes != entry.End - entry.Begin)
            throw Error($"tensor '{name}': {type} {entry.ShapeText} does not take {entry.End - entry.Begin} bytes, as data_offsets say");
        return entry;
    }

    private long[] ReadNumbers(string name, JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw Error($"tensor '{name}': {key} must be a list of whole numbers");
        var numbers = new List<long>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long number) || number < 0)
                throw Error($"tensor '{name}': {key} must be a list of whole numbers, at least 0");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Null where the product does not fit a 64-bit number.</summary>
    private static long? ByteLength(SafetensorsEntry entry, int elementSize)
    {
        try
        {
            return entry.Shape.Aggregate((long)elementSize, (product, dimension) => checked(product * dimension));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The format wants the data covered exactly: no overlap, no hole, nothing after the last tensor.</summary>
    private void CheckRanges(long dataLength)
    {
        long position = 0;
        foreach (SafetensorsEntry entry in _entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataLength)
                throw Error($"tensor '{entry.Name}' ends at byte {entry.End} of {dataLength} data bytes: the file is truncated or damaged");
            if (entry.Begin != position)
                throw Error($"tensor '{entry.Name}' begins at data byte {entry.Begin}, but the tensor before it ends at {position}");
            position = entry.End;
        }

        if (position != dataLength)
            throw Error($"{dataLength - position} bytes follow the last tensor");
    }

    private SafetensorsException Error(string problem) => new($"{_path}: {OneLine(problem)}.");
}
