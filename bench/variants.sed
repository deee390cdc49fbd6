# The spellings of one address that the rewriter knows, as plain replacements. It is here for its
# speed only: it breaks the counts of serialized PHP, and knows neither boundaries nor protected
# places. Escapes are those of a dump: JSON's `\/` stands there as `\\/`.
s#https\{0,1\}://\(www\.\)\{0,1\}acme\.test#https://blog.clones.test#Ig
s#\([^:]\)//\(www\.\)\{0,1\}acme\.test#\1//blog.clones.test#Ig
s#https\{0,1\}:\\\\/\\\\/\(www\.\)\{0,1\}acme\.test#https:\\\\/\\\\/blog.clones.test#Ig
s#\([^:]\)\\\\/\\\\/\(www\.\)\{0,1\}acme\.test#\1\\\\/\\\\/blog.clones.test#Ig
s#https\{0,1\}:\\\\\\\\\\\\/\\\\\\\\\\\\/\(www\.\)\{0,1\}acme\.test#https:\\\\\\\\\\\\/\\\\\\\\\\\\/blog.clones.test#Ig
s#https\{0,1\}%3A%2F%2F\(www\.\)\{0,1\}acme\.test#https%3A%2F%2Fblog.clones.test#Ig
s#https\{0,1\}:\\\\u002f\\\\u002f\(www\.\)\{0,1\}acme\.test#https:\\\\u002f\\\\u002fblog.clones.test#Ig
s#https\{0,1\}&\#58;&\#47;&\#47;\(www\.\)\{0,1\}acme\.test#https\&\#58;\&\#47;\&\#47;blog.clones.test#Ig
