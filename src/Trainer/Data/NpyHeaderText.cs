using System.Globalization;

namespace P6bNative.Trainer.Data;

/// <summary>
/// The dict in a .npy header, e.g. <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 5), }</c>; no more Python than that.
/// </summary>
internal ref struct NpyHeaderText(string text, string where)
{
    private const int RankLimit = 32;

    private int _at;

    public (string Descr, bool FortranOrder, long[] Shape) Parse()
    {
        string? descr = null;
        bool? fortran = null;
        long[]? shape = null;
        Expect('{');
        while (!Take('}'))
        {
            string key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr":
                    descr = Descr();
                    break;
                case "fortran_order":
                    fortran = Boolean();
                    break;
                case "shape":
                    shape = Shape();
                    break;
                default:
                    throw Wrong($"unknown entry {MessageText.OneLine(key, 40)}");
            }
            if (!Take(','))
            {
                Expect('}');
                break;
            }
        }
        SkipSpace();
        if (_at < text.Length || descr is null || fortran is null || shape is null)
            throw Wrong("it must have descr, fortran_order and shape, and nothing else");
        return (descr, fortran.Value, shape);
    }

    private string Descr()
    {
        SkipSpace();
        if (_at < text.Length && text[_at] is '[' or '(')
            throw new InputException($"{where}: a structured dtype is not read; save the fields as arrays of their own");
        return Quoted();
    }

    private string Quoted()
    {
        SkipSpace();
        char quote = _at < text.Length ? text[_at] : '\0';
        if (quote is not ('\'' or '"'))
            throw Wrong("a quoted name was expected");
        int end = text.IndexOf(quote, _at + 1);
        if (end < 0)
            throw Wrong("a quote is not closed");
        string value = text[(_at + 1)..end];
        _at = end + 1;
        return MessageText.OneLine(value, 40);
    }

    private bool Boolean()
    {
        SkipSpace();
        ReadOnlySpan<char> rest = text.AsSpan(_at);
        if (rest.StartsWith("True", StringComparison.Ordinal))
        {
            _at += 4;
            return true;
        }
        if (!rest.StartsWith("False", StringComparison.Ordinal))
            throw Wrong("fortran_order must be True or False");
        _at += 5;
        return false;
    }

    private long[] Shape()
    {
        var extents = new List<long>();
        Expect('(');
        while (!Take(')'))
        {
            extents.Add(Extent());
            if (extents.Count > RankLimit)
                throw Wrong($"more than {RankLimit} axes");
            if (!Take(','))
            {
                Expect(')');
                break;
            }
        }
        return [.. extents];
    }

    private long Extent()
    {
        SkipSpace();
        int start = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
        if (!long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out long extent))
            throw Wrong("the shape must hold counts that fit 64 bits");
        Take('L');
        return extent;
    }

    private void SkipSpace()
    {
        while (_at < text.Length && text[_at] is ' ' or '\n' or '\t')
            _at++;
    }

    private bool Take(char c)
    {
        SkipSpace();
        if (_at >= text.Length || text[_at] != c)
            return false;
        _at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Take(c))
            throw Wrong($"'{c}' was expected at character {_at}");
    }

    private readonly InputException Wrong(string what) => new($"{where}: damaged .npy header: {what}");
}
