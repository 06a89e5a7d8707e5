using System.Globalization;
using P6bNative.Trainer.Building;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>data make</c>: sequence files and stores from a store, or a synthetic store.</summary>
internal static class DataMakeCommand
{
    private const int OodSequences = 10_000;
    private const long DefaultSeed = 42;
    private const string WikipediaLags = ".457,.387,.366,.353,.342";
    private const int SmallestArticle = SequenceSet.ContextLength + 2;

    public static int Run(DataMakeOptions options, ConsoleContext console)
    {
        if (options.Out.Length == 0) throw new InputException("--out: must be the name of a file.");
        if (options.Synthetic)
            MakeSynthetic(options, console);
        else
            MakeFromStore(options, console);
        return ExitCode.Done;
    }

    private static void MakeSynthetic(DataMakeOptions options, ConsoleContext console)
    {
        Refuse("with --synthetic", ("the store", options.Store is not null), ("--as", options.As is not null),
            ("--target-offset", options.TargetOffset is not null), ("--straddle", options.Straddle),
            ("--include-articles", options.IncludeArticles is not null), ("--exclude-articles", options.ExcludeArticles is not null),
            ("--subset", options.Subset is not null), ("--max-sequences", options.MaxSequences is not null), ("--ood", options.Ood is not null));
        int articles = InRange("--articles", options.Articles ?? 100, 1, 10_000_000);
        int chunks = InRange("--chunks", options.Chunks ?? 65, SmallestArticle, 1_000_000);
        int dimension = InRange("--dim", options.Dimension ?? 768, 2, ArticleStore.LargestDimension);
        if ((long)articles * chunks > int.MaxValue)
            throw new InputException($"--articles {articles} of --chunks {chunks}: more than {int.MaxValue} rows");
        new SyntheticStream(articles, chunks, dimension, ParseLags(options.Lags ?? WikipediaLags), options.Seed ?? DefaultSeed).Write(options.Out);
        console.Output.WriteLine($"{articles:N0} articles of {chunks:N0} vectors of dimension {dimension} written to {options.Out}");
    }

    private static void MakeFromStore(DataMakeOptions options, ConsoleContext console)
    {
        Refuse("without --synthetic", ("--articles", options.Articles is not null), ("--chunks", options.Chunks is not null),
            ("--dim", options.Dimension is not null), ("--lags", options.Lags is not null));
        Refuse("without --subset", ("--seed", options.Seed is not null && options.Subset is null));
        if (options.Store is null)
            throw new InputException("data make: the name of an article store is needed, or --synthetic");
        if (Path.GetFullPath(options.Out) == Path.GetFullPath(options.Store))
            throw new InputException($"--out {options.Out}: is the store itself; give another name");
        bool asStore = options.As switch
        {
            null or "sequences" => false,
            "store" => true,
            _ => throw new InputException($"--as {options.As}: must be sequences or store"),
        };
        var choice = new ArticleChoice(
            options.IncludeArticles is { } included ? ArticleRanges.Parse("--include-articles", included)
                : options.Ood is { } ood ? ArticleRanges.Parse("--ood", ood) : null,
            options.ExcludeArticles is { } excluded ? ArticleRanges.Parse("--exclude-articles", excluded) : null,
            options.Subset is { } subset ? ArticleSubset.Parse(subset, options.Seed ?? DefaultSeed) : null);
        if (asStore)
            MakeStore(options, choice, console);
        else
            MakeSequences(options, choice, console);
    }

    private static void MakeStore(DataMakeOptions options, ArticleChoice choice, ConsoleContext console)
    {
        Refuse("with --as store, which keeps rows, not windows", ("--target-offset", options.TargetOffset is not null), ("--straddle", options.Straddle),
            ("--max-sequences", options.MaxSequences is not null), ("--ood", options.Ood is not null));
        using ArticleStore store = ArticleStore.OpenRows(options.Store!);
        IReadOnlySet<long> articles = choice.Of(store);
        StoreSubset.Write(store, articles, options.Out);
        console.Output.WriteLine($"{articles.Count:N0} of {store.ArticleCount:N0} articles written to {options.Out}");
    }

    private static void MakeSequences(DataMakeOptions options, ArticleChoice choice, ConsoleContext console)
    {
        int targetOffset = options.TargetOffset ?? 1;
        if (targetOffset is not (0 or 1))
            throw new InputException($"--target-offset {targetOffset}: must be 0 (base) or 1 (P6).");
        if (options.Ood is not null)
            Refuse("with --ood, which names the articles itself", ("--include-articles", options.IncludeArticles is not null));
        int limit = options.MaxSequences ?? (options.Ood is null ? int.MaxValue : OodSequences);
        if (limit < 1)
            throw new InputException($"--max-sequences {limit}: must be 1 or more.");
        using ArticleStore store = ArticleStore.OpenRows(options.Store!);
        IReadOnlySet<long> articles = choice.Of(store);
        WindowPlan plan = options.Straddle || options.Ood is not null
            ? WindowPlan.Straddling(store, articles, targetOffset, limit)
            : WindowPlan.WithinArticles(store, articles, targetOffset, limit);
        if (plan.Count == 0)
            throw new InputException($"{store.Path}: no sequence can be cut from the {articles.Count} chosen articles; "
                + $"5 contexts and a target at offset {targetOffset} need {SequenceSet.ContextLength + targetOffset + 1} rows");
        new SequenceFileWriter(store, plan, targetOffset, choice.ToString()).Write(options.Out);
        console.Output.WriteLine($"{plan.Count:N0} sequences of {articles.Count:N0} articles, target offset {targetOffset}, written to {options.Out}"
            + (plan.Dropped > 0 ? $"; {plan.Dropped:N0} windows dropped whose article ends before the target" : ""));
    }

    private static double[] ParseLags(string text)
    {
        string[] parts = text.Split(',');
        var lags = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float & ~NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out lags[i]) || Math.Abs(lags[i]) >= 1)
                throw new InputException($"--lags {MessageText.OneLine(text, 80)}: cosines between -1 and 1 with commas between them are needed, e.g. {WikipediaLags}");
        }
        return lags;
    }

    private static int InRange(string flag, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new InputException($"{flag} {value}: must be {least} .. {most}.");

    private static void Refuse(string where, params ReadOnlySpan<(string Flag, bool Given)> flags)
    {
        foreach ((string flag, bool given) in flags)
        {
            if (given)
                throw new InputException($"{flag} does not apply {where}.");
        }
    }
}
