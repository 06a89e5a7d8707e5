namespace P6bNative.Model;

/// <summary>
/// The distinct beginnings of many contexts. A vector is known by its bits; a place is a vector at a position; a prefix is a place behind
/// a shorter prefix. Numbers of places and prefixes count up within their position, so what is new there is one range.
/// </summary>
internal sealed class PrefixTree
{
    private readonly int _dimension;
    private readonly DistinctVectors _vectors;
    private readonly Position[] _positions;

    /// <param name="length">Vectors of a context T.</param>
    /// <param name="dimension">Components of a vector D.</param>
    /// <param name="prefixes">Most prefixes of a position.</param>
    /// <param name="places">Most places of a position.</param>
    public PrefixTree(int length, int dimension, int prefixes, int places)
    {
        _dimension = dimension;
        (MostPrefixes, MostPlaces) = (prefixes, places);
        _vectors = new DistinctVectors(dimension, length * places);
        _positions = [.. Enumerable.Range(0, length).Select(at => new Position(at, prefixes, places, MostVectors))];
    }

    /// <summary>Most prefixes of a position.</summary>
    public int MostPrefixes { get; }

    /// <summary>Most places of a position.</summary>
    public int MostPlaces { get; }

    /// <summary>Most vectors: one for each place.</summary>
    public int MostVectors => _vectors.Most;

    /// <summary>Number of vectors.</summary>
    public int Vectors => _vectors.Count;

    /// <summary>The components of vectors [first, first + count).</summary>
    public ReadOnlySpan<float> Numbers(int first, int count) => _vectors.Numbers(first, count);

    /// <summary>What stands at a position.</summary>
    public Position At(int position) => _positions[position];

    /// <summary>Whether the prefixes of that many more contexts fit, whatever they are.</summary>
    public bool HasRoomFor(int contexts) => _positions.All(position => position.Prefixes + contexts <= MostPrefixes);

    /// <summary>Adds a context, if it fits whatever it shares.</summary>
    /// <param name="context">T·D numbers.</param>
    /// <param name="whole">The number of the whole context among the prefixes of the last position.</param>
    public bool TryAdd(ReadOnlySpan<float> context, out int whole)
    {
        whole = -1;
        if (_positions.Any(position => position.Places == MostPlaces || position.Prefixes == MostPrefixes))
            return false;
        for (int at = 0; at < _positions.Length; at++)
        {
            int place = _positions[at].PlaceOf(_vectors.NumberOf(context.Slice(at * _dimension, _dimension)));
            whole = _positions[at].PrefixOf(whole, place, at == 0 ? null : _positions[at - 1]);
        }

        return true;
    }

    /// <summary>Forgets the whole contexts; what they begin with stays.</summary>
    public void ForgetContexts() => _positions[^1].ForgetPrefixes();

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _vectors.Clear();
        foreach (Position position in _positions)
            position.Clear();
    }

    /// <summary>Places and prefixes of one position.</summary>
    internal sealed class Position
    {
        private readonly int _at;
        private readonly int[] _placeOfVector;
        private readonly int[] _vectorOfPlace;
        private readonly Dictionary<(int Parent, int Place), int> _prefixes = [];
        private readonly int[] _chains;

        public Position(int at, int prefixes, int places, int vectors)
        {
            _at = at;
            _placeOfVector = new int[vectors];
            Array.Fill(_placeOfVector, -1);
            _vectorOfPlace = new int[places];
            _chains = new int[prefixes * ChainLength];
        }

        /// <summary>Number of places.</summary>
        public int Places { get; private set; }

        /// <summary>Number of prefixes that end here.</summary>
        public int Prefixes { get; private set; }

        private int ChainLength => 2 * (_at + 1);

        /// <summary>The vector of a place.</summary>
        public int Vector(int place) => _vectorOfPlace[place];

        /// <summary>The place at <paramref name="position"/>, at most this one, in a prefix that ends here.</summary>
        public int PlaceIn(int prefix, int position) => _chains[prefix * ChainLength + position];

        /// <summary>The prefix that ends at <paramref name="position"/>, at most this one, of a prefix that ends here.</summary>
        public int PrefixIn(int prefix, int position) => _chains[prefix * ChainLength + _at + 1 + position];

        public int PlaceOf(int vector)
        {
            if (_placeOfVector[vector] < 0)
            {
                _vectorOfPlace[Places] = vector;
                _placeOfVector[vector] = Places++;
            }

            return _placeOfVector[vector];
        }

        public int PrefixOf(int parent, int place, Position? before)
        {
            if (_prefixes.TryGetValue((parent, place), out int prefix))
                return prefix;
            prefix = Prefixes++;
            _prefixes.Add((parent, place), prefix);
            Span<int> chain = _chains.AsSpan(prefix * ChainLength, ChainLength);
            for (int position = 0; position < _at; position++)
            {
                chain[position] = before!.PlaceIn(parent, position);
                chain[_at + 1 + position] = before.PrefixIn(parent, position);
            }

            chain[_at] = place;
            chain[^1] = prefix;
            return prefix;
        }

        public void ForgetPrefixes()
        {
            _prefixes.Clear();
            Prefixes = 0;
        }

        public void Clear()
        {
            ForgetPrefixes();
            for (int place = 0; place < Places; place++)
                _placeOfVector[_vectorOfPlace[place]] = -1;
            Places = 0;
        }
    }
}
