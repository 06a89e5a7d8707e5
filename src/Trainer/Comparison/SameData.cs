using P6bNative.Trainer.Data;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>Whether two runs were judged on the same windows, without which their numbers cannot be held side by side.</summary>
internal static class SameData
{
    private const int BlockBytes = 1 << 20;

    /// <summary>What differs between the data of two runs, each as a sentence; none where they are the same.</summary>
    public static IEnumerable<string> Differences(RunRecord a, RunRecord b)
    {
        if (FileDifference("data", a.Setting("data"), b.Setting("data")) is { } data) yield return data;
        if (FileDifference("val", a.Setting("val"), b.Setting("val")) is { } val) yield return val;
        if (a.Setting("target_offset") != b.Setting("target_offset"))
            yield return $"target_offset {a.Setting("target_offset") ?? "unknown"} and {b.Setting("target_offset") ?? "unknown"}: other targets";
        if (a.Position is { } pa && b.Position is { } pb && (pa.TrainWindows, pa.ValidationWindows) != (pb.TrainWindows, pb.ValidationWindows))
        {
            yield return $"{pa.TrainWindows:N0} training and {pa.ValidationWindows:N0} validation windows, "
                + $"and {pb.TrainWindows:N0} and {pb.ValidationWindows:N0}";
        }

        if (a.Setting("seed") != b.Setting("seed") && a.Setting("val") is null && SplitsAtRandom(a.Setting("data")))
            yield return $"seed {a.Setting("seed")} and {b.Setting("seed")} of a file without article ids: other windows validate";
    }

    /// <summary>Whether two paths lead to the same bytes.</summary>
    public static bool SameBytes(string a, string b)
    {
        using FileStream first = JsonInput.Open(a), second = JsonInput.Open(b);
        if (first.Length != second.Length) return false;
        var left = new byte[BlockBytes];
        var right = new byte[BlockBytes];
        while (true)
        {
            int count = first.ReadAtLeast(left, left.Length, throwOnEndOfStream: false);
            if (second.ReadAtLeast(right, right.Length, throwOnEndOfStream: false) != count) return false;
            if (!left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count))) return false;
            if (count < left.Length) return true;
        }
    }

    private static string? FileDifference(string key, string? a, string? b)
    {
        if (a == b) return null;
        if (a is null || b is null) return $"{key} {a ?? "split off the data"} and {b ?? "split off the data"}";
        if (!File.Exists(a) || !File.Exists(b)) return $"{key} {a} and {b} (not both are there to be compared)";
        return SameBytes(a, b) ? null : $"{key} {a} and {b}, whose contents differ";
    }

    private static bool SplitsAtRandom(string? data)
    {
        if (data is null || !File.Exists(data)) return false;
        using NpzArchive archive = NpzArchive.Open(data);
        return archive.FirstOf(SequenceFile.TargetKeys) is not null && archive.FirstOf("article_ids", "metadata") is null;
    }
}
