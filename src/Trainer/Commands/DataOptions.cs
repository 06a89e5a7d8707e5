using CommandLine;

namespace P6bNative.Trainer.Commands;

/// <summary>Arguments of <c>p6b data inspect</c>.</summary>
[Verb("data inspect", HelpText = "The diagnosis of a sequence file or article store: counts, norms, duplicates, boundaries, direction.")]
internal sealed class DataInspectOptions : VerbOptions
{
    [Value(0, MetaName = "file", Required = true, HelpText = "Sequence file or article store (.npz).")]
    public string File { get; set; } = "";

    [Option("train", HelpText = "Training file: the parity of FILE (as validation file) with it, and what the arrow test is fitted on.")]
    public string? Train { get; set; }

    [Option("ood", HelpText = "Out-of-domain file: its parity with the training file, else with FILE, and its arrow test.")]
    public string? Ood { get; set; }

    [Option("store", HelpText = "The article store that a sequence file was cut from: tells what the file alone cannot.")]
    public string? Store { get; set; }

    [Option("target-offset", HelpText = "0 or 1: which windows of a store (default 1, P6), or what a sequence file is that does not say.")]
    public int? TargetOffset { get; set; }

    [Option("no-arrow", HelpText = "Leave out the arrow test, two ridge regressions (seconds to minutes).")]
    public bool NoArrow { get; set; }

    [Option("seed", Default = 42L, HelpText = "Seed of the bootstrap intervals.")]
    public long Seed { get; set; }

    [Option("device", HelpText = "Where the regressions run: auto (default), host, opencl:N, cuda:N; see p6b devices.")]
    public string? Device { get; set; }

    [Option("threads", HelpText = "CPU threads; 0 (default) = one per core.")]
    public int? Threads { get; set; }

    [Option("json", HelpText = "Print one JSON object.")]
    public bool Json { get; set; }
}

/// <summary>Arguments of <c>p6b data make</c>.</summary>
[Verb("data make", HelpText = "Sequence files or a smaller store from an article store, or a synthetic store.")]
internal sealed class DataMakeOptions : VerbOptions
{
    [Value(0, MetaName = "store", HelpText = "Article store (.npz).")]
    public string? Store { get; set; }

    [Option("out", Required = true, HelpText = "The file to write (.npz).")]
    public string Out { get; set; } = "";

    [Option("as", HelpText = "sequences (default): a sequence file of the original's format; store: an article store of the chosen articles.")]
    public string? As { get; set; }

    [Option("target-offset", HelpText = "1 (default): P6, target i+6; 0: base, target i+5.")]
    public int? TargetOffset { get; set; }

    [Option("straddle", HelpText = "Cut windows across articles, in file order, as the original did; default: only inside articles.")]
    public bool Straddle { get; set; }

    [Option("include-articles", HelpText = "Use these article ids only, e.g. 1-1499,2000-3999.")]
    public string? IncludeArticles { get; set; }

    [Option("exclude-articles", HelpText = "Leave these article ids out.")]
    public string? ExcludeArticles { get; set; }

    [Option("subset", HelpText = "A random choice of articles: how many (200), or which fraction (0.1).")]
    public string? Subset { get; set; }

    [Option("seed", HelpText = "Seed of --subset and of --synthetic. Default 42.")]
    public long? Seed { get; set; }

    [Option("max-sequences", HelpText = "The first N windows only.")]
    public int? MaxSequences { get; set; }

    [Option("ood", HelpText = "The original's out-of-domain file: the first 10000 straddling windows of a range of articles, e.g. 1500-1999.")]
    public string? Ood { get; set; }

    [Option("synthetic", HelpText = "Write an article store of random unit vectors with given lag cosines instead.")]
    public bool Synthetic { get; set; }

    [Option("articles", HelpText = "--synthetic: number of articles. Default 100.")]
    public int? Articles { get; set; }

    [Option("chunks", HelpText = "--synthetic: rows of an article. Default 65.")]
    public int? Chunks { get; set; }

    [Option("dim", HelpText = "--synthetic: dimension D of the vectors. Default 768.")]
    public int? Dimension { get; set; }

    [Option("lags", HelpText = "--synthetic: mean cosines at lags 1, 2, ... Default Wikipedia's .457,.387,.366,.353,.342.")]
    public string? Lags { get; set; }
}
