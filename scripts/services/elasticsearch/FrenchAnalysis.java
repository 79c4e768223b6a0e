package jalon;

import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * For tests only: the server of Maven Central comes without the module of analysis. This gives `elision`,
 * `asciifolding` and `stemmer` (French) back under their ordinary names, over Lucene's own classes, so that the
 * mapping of the product runs here as it does on a full Elasticsearch.
 */
public class FrenchAnalysis extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new TreeMap<>();
        filters.put("elision", (index, environment, name, settings) -> new Elision(name, settings));
        filters.put("asciifolding", (index, environment, name, settings) -> new Folding(name, settings));
        filters.put("stemmer", AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new Stemmer(name, settings)));
        return filters;
    }

    static class Elision extends AbstractTokenFilterFactory {
        Elision(String name, Settings settings) {
            super(name, settings);
        }

        @Override
        public TokenStream create(TokenStream input) {
            return new ElisionFilter(input, FrenchAnalyzer.DEFAULT_ARTICLES);
        }
    }

    static class Folding extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        Folding(String name, Settings settings) {
            super(name, settings);
        }

        @Override
        public TokenStream create(TokenStream input) {
            return new ASCIIFoldingFilter(input);
        }
    }

    static class Stemmer extends AbstractTokenFilterFactory {
        Stemmer(String name, Settings settings) {
            super(name, settings);
            if (!"french".equals(settings.get("language"))) {
                throw new IllegalArgumentException("only the stemmer of French is here");
            }
        }

        @Override
        public TokenStream create(TokenStream input) {
            return new SnowballFilter(input, "French");
        }
    }
}
